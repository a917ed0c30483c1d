// The server under test: the real binary, with a directory of its own or a bucket, on a free port of
// loopback.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { assertSame } from './content.mjs';
import { eventually } from './eventually.mjs';
import { scratch } from './scratch.mjs';

const BASE_PATH = '/files/';
const READY = /http:\/\/127\.0\.0\.1:(\d+)\/files\//;
const DEADLINE_MS = 30_000;

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

export class Server {
  #flags;
  #bucket;
  #child;
  #exited;
  #log = '';

  /**
   * Starts a server that is stopped, and its directory removed, at the end of the test `t`. With a
   * `bucket` it keeps uploads there, as other servers may.
   */
  static async start(t, flags = {}, bucket = null) {
    const server = new Server(flags, bucket);
    t.after(() => server.#close()); // before the directory goes: these run in order
    if (!bucket) server.dir = await scratch(t);
    await server.#spawn(0);
    return server;
  }

  constructor(flags, bucket) {
    this.#flags = flags;
    this.#bucket = bucket;
  }

  get endpoint() {
    return `http://127.0.0.1:${this.port}${BASE_PATH}`;
  }

  /** Ends the server without any warning, as a crash or `kill -9` does. */
  async kill() {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** Asks the server to shut down, and expects that it does so in good order. */
  async terminate() {
    this.#child.kill('SIGTERM');
    const exit = await withDeadline(this.#exited, () => 'the server did not end on SIGTERM');
    assert.deepEqual(exit, { code: 0, signal: null }, `the server's end:\n${this.#log}`);
  }

  /** Starts it again on the same port, with the same uploads. */
  restart() {
    return this.#spawn(this.port);
  }

  head(url) {
    return fetch(url, { method: 'HEAD', headers: { 'Tus-Resumable': '1.0.0' } });
  }

  /** The committed offset of an upload, in bytes. */
  async offset(url) {
    const answer = await this.head(url);
    assert.equal(answer.status, 200, `HEAD ${url}`);
    return Number(answer.headers.get('Upload-Offset'));
  }

  /** Waits until at least `bytes` of an upload are committed; gives its offset. */
  offsetReaches(url, bytes) {
    return eventually(`the offset reaches ${bytes}`, async () => {
      const offset = await this.offset(url);
      return offset >= bytes && offset;
    });
  }

  /** Waits until the server no longer knows an upload. */
  forgets(url) {
    return eventually(`${url} is gone`, async () => {
      const { status } = await this.head(url);
      return status === 404 || status === 410;
    });
  }

  /** Expects an upload to be complete, with this content in a download and in the file on disk. */
  async assertStored(url, content) {
    const head = await this.head(url);
    assert.equal(head.status, 200, `HEAD ${url}`);
    assert.equal(head.headers.get('Upload-Offset'), String(content.length));
    assert.equal(head.headers.get('Upload-Length'), String(content.length));

    const download = await fetch(url);
    assert.equal(download.status, 200, `GET ${url}`);
    assertSame(Buffer.from(await download.arrayBuffer()), content, 'the download');

    const id = new URL(url).pathname.slice(BASE_PATH.length);
    assertSame(await readFile(join(this.dir, id)), content, 'the file on disk');
  }

  async #spawn(port) {
    const flags = {
      listen: `127.0.0.1:${port}`,
      'base-path': BASE_PATH,
      ...(this.#bucket?.flags ?? { dir: this.dir }),
      ...this.#flags,
    };
    const child = spawn(binary(), Object.entries(flags).flatMap(argument), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...withoutSettings(process.env), ...this.#bucket?.environment },
    });
    running.add(child);
    this.#child = child;
    this.#exited = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        running.delete(child);
        resolve({ code, signal });
      });
    });
    child.stderr.on('data', (text) => (this.#log += text));

    const ready = new Promise((resolve) => {
      let printed = '';
      child.stdout.on('data', (text) => {
        printed += text;
        this.#log += text;
        const match = READY.exec(printed);
        if (match) resolve(Number(match[1]));
      });
    });
    const died = this.#exited.then(() => {
      throw new Error(`the server ended before it was ready:\n${this.#log}`);
    });
    this.port = await withDeadline(
      Promise.race([ready, died]),
      () => `the server did not say that it is ready:\n${this.#log}`,
    );
    died.catch(() => {});
  }

  async #close() {
    try {
      if (running.has(this.#child)) await this.terminate();
    } finally {
      this.#child?.kill('SIGKILL');
    }
  }
}

/** A flag and its value; one that is `true` has none. */
function argument([name, value]) {
  return value === true ? [`--${name}`] : [`--${name}`, String(value)];
}

function binary() {
  const built = ['release', 'debug'].map((profile) =>
    fileURLToPath(new URL(`../../../target/${profile}/oxitus-server`, import.meta.url)),
  );
  const found = process.env.OXITUS_SERVER_BIN || built.find((path) => existsSync(path));
  assert.ok(found, 'no server: build it (cargo build -p oxitus-server) or set OXITUS_SERVER_BIN');
  return found;
}

/** The environment without the server's own variables, which would be settings beside the flags. */
function withoutSettings(environment) {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !name.startsWith('OXITUS_')),
  );
}

function withDeadline(promise, message) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(message())), DEADLINE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
