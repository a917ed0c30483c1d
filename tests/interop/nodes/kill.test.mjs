// Three servers on one bucket, each request of the client to any of them, and kill -9 all the time.

import assert from 'node:assert/strict';
import { createHash, randomInt } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { DefaultHttpStack } from 'tus-js-client';

import { PATIENT, start } from '../harness/client.mjs';
import { MIB, sample } from '../harness/content.mjs';
import { Server } from '../harness/server.mjs';
import { startVersitygw } from '../harness/versitygw.mjs';

const ROUNDS = 20;
const SIZE = 200 * MIB + 17;
const CHUNKS = [Number.POSITIVE_INFINITY, 64 * MIB, 10 * MIB, 7 * MIB + 1];

/** How long a node lives at most before the next is killed, and how long it is gone. */
const LIFE_MS = 600;
const ABSENCE_MS = 300;

/** Sends every request to a node that is drawn: a load balancer without affinity. */
class AnyNode extends DefaultHttpStack {
  #nodes;

  constructor(nodes) {
    super({});
    this.#nodes = nodes;
  }

  createRequest(method, url) {
    const drawn = new URL(url);
    drawn.port = this.#nodes[randomInt(this.#nodes.length)].port;
    return super.createRequest(method, drawn.href);
  }
}

test(`kill -9 of any of three nodes: 200 MiB, ${ROUNDS} times`, async (t) => {
  const bucket = await startVersitygw(t);
  if (!bucket) return;
  const nodes = await Promise.all([0, 1, 2].map(() => Server.start(t, {}, bucket)));
  let brokenOff = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const content = sample(SIZE, round);
    const { upload, requests, done } = start(content, {
      endpoint: nodes[0].endpoint,
      retryDelays: PATIENT,
      httpStack: new AnyNode(nodes),
      chunkSize: CHUNKS[round % CHUNKS.length],
    });
    const over = done.then(() => true);
    let kills = 0;
    while (!(await Promise.race([over, sleep(randomInt(LIFE_MS))]))) {
      const node = victim(nodes, requests);
      await node.kill();
      kills += 1;
      await sleep(randomInt(ABSENCE_MS));
      await node.restart();
    }
    assertNothingTakenBack(requests);
    const created = requests.filter(({ method, status }) => method === 'POST' && status);
    assert.equal(created.length, 1, 'never anew');
    brokenOff += requests.filter(({ method, status }) => method === 'PATCH' && !status).length;

    const path = new URL(upload.url).pathname;
    const urls = nodes.map(({ endpoint }) => new URL(path, endpoint));
    for (const [node, url] of urls.entries()) {
      assert.equal(await nodes[node].offset(url), SIZE);
    }
    const digest = await digestOf(urls[round % urls.length]);
    assert.equal(digest, createHash('sha256').update(content).digest('hex'));
    // The bucket is on this machine's disk.
    const removal = await fetch(urls[0], {
      method: 'DELETE',
      headers: { 'Tus-Resumable': '1.0.0' },
    });
    assert.equal(removal.status, 204);
    t.diagnostic(`round ${round + 1}: ${kills} kills, ${requests.length} requests`);
  }
  assert.ok(brokenOff > 0, 'some kills fell into a PATCH');
  t.diagnostic(`${brokenOff} PATCHes were never answered`);
});

/** Mostly the node that has the client's last request, which is where a kill hurts. */
function victim(nodes, requests) {
  const port = new URL(requests.at(-1).url).port;
  const busy = nodes.find((node) => String(node.port) === port);
  return randomInt(4) > 0 ? busy : nodes[randomInt(nodes.length)];
}

/** What the client was told by 204 or HEAD, it is never told otherwise. */
function assertNothingTakenBack(requests) {
  let told = 0;
  for (const { method, status, answer } of requests) {
    const offset = status && Number(answer('Upload-Offset') ?? 0);
    if (method === 'HEAD') assert.ok([200, 423, undefined].includes(status), `HEAD ${status}`);
    if (![200, 204].includes(status)) continue;
    assert.ok(offset >= told, `${method} tells of ${offset} after ${told}`);
    told = offset;
  }
}

async function digestOf(url) {
  const download = await fetch(url);
  assert.equal(download.status, 200, `GET ${url}`);
  const hash = createHash('sha256');
  for await (const piece of download.body) hash.update(piece);
  return hash.digest('hex');
}
