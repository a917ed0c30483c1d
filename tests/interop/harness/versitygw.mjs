// A real S3 server for tests: versitygw (https://github.com/versity/versitygw) on a directory.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

import { eventually } from './eventually.mjs';
import { scratch } from './scratch.mjs';

const ACCESS_KEY = 'oxitus';
const SECRET_KEY = 'not-a-secret-of-anybody';
const BUCKET = 'uploads';

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/**
 * Starts versitygw with an empty bucket, for as long as the test `t` runs. Gives what servers are
 * told of it; nothing where there is no such program, and then the test says that it is skipped.
 */
export async function startVersitygw(t) {
  const program = find();
  if (!program) {
    const where = 'versitygw is neither in PATH nor in OXITUS_VERSITYGW';
    assert.notEqual(process.env.OXITUS_REAL_S3, 'required', where);
    t.skip(where);
    return null;
  }
  let child;
  let exited;
  t.after(() => {
    // Before the directory goes: these run in order.
    child?.kill('SIGKILL');
    running.delete(child);
    return exited;
  });
  const dir = await scratch(t);
  await mkdir(join(dir, BUCKET));
  const port = await freePort();
  child = spawn(program, ['--port', `127.0.0.1:${port}`, '-q', 'posix', dir], {
    stdio: 'ignore',
    env: { ...process.env, ROOT_ACCESS_KEY: ACCESS_KEY, ROOT_SECRET_KEY: SECRET_KEY },
  });
  running.add(child);
  exited = new Promise((resolve) => child.once('exit', resolve));
  const endpoint = `http://127.0.0.1:${port}`;
  await eventually('versitygw answers', () =>
    fetch(`${endpoint}/${BUCKET}`).then(
      ({ status }) => status === 403,
      () => false,
    ),
  );
  return {
    flags: {
      's3-bucket': BUCKET,
      's3-endpoint': endpoint,
      's3-path-style': true,
      's3-part-size': '5MiB',
    },
    environment: { AWS_ACCESS_KEY_ID: ACCESS_KEY, AWS_SECRET_ACCESS_KEY: SECRET_KEY },
  };
}

function find() {
  const { OXITUS_VERSITYGW, PATH = '', GOBIN, GOPATH = join(homedir(), 'go') } = process.env;
  const directories = [...PATH.split(delimiter), GOBIN, join(GOPATH, 'bin')].filter(Boolean);
  const found = directories.map((directory) => join(directory, 'versitygw')).find(existsSync);
  return OXITUS_VERSITYGW || found;
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
