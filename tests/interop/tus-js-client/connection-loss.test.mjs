// The network breaks, the server lives.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { course, PATIENT, start } from '../harness/client.mjs';
import { KIB, MIB, sample } from '../harness/content.mjs';
import { Proxy } from '../harness/proxy.mjs';
import { Server } from '../harness/server.mjs';

const content = sample(20 * MIB + 17);
const HEADS = 2 * KIB; // more than the request heads that are among the counted bytes

for (const reset of [false, true]) {
  test(`a PATCH is cut by ${reset ? 'RST' : 'FIN'} and goes on where it was`, async (t) => {
    const server = await Server.start(t);
    const proxy = await Proxy.start(t, server);
    const stopped = proxy.stopAfter(7_000_000);
    const { upload, requests, done } = start(content, {
      endpoint: proxy.endpoint,
      retryDelays: PATIENT,
    });
    const cut = await stopped;
    const offset = await server.offsetReaches(upload.url, 7_000_000 - HEADS);
    cut({ reset });
    await done;
    assert.deepEqual(course(requests), ['POST 201', 'PATCH undefined', 'HEAD 200', 'PATCH 204']);
    assert.equal(requests.at(-1).header('Upload-Offset'), String(offset));
    await server.assertStored(upload.url, content);
  });
}

test('a connection that breaks again and again', async (t) => {
  const server = await Server.start(t);
  const proxy = await Proxy.start(t, server);
  const { upload, requests, done } = start(content, {
    endpoint: proxy.endpoint,
    retryDelays: PATIENT,
    chunkSize: 5 * MIB,
  });
  for (const bytes of [100, 1, 3_000_000, 600, 4_000_001, 2_000_000]) {
    (await proxy.stopAfter(bytes))({ reset: bytes % 2 === 0 });
  }
  await done;
  const offsets = requests
    .filter(({ method }) => method === 'PATCH')
    .map(({ header }) => Number(header('Upload-Offset')));
  assert.deepEqual(
    offsets,
    offsets.toSorted((a, b) => a - b),
    'offsets never go back',
  );
  await server.assertStored(upload.url, content);
});

test('the answer to the last PATCH is lost: HEAD says that all is there', async (t) => {
  const server = await Server.start(t);
  const proxy = await Proxy.start(t, server);
  const lost = proxy.loseAnswerTo(/^PATCH /);
  const { upload, requests, done } = start(content, {
    endpoint: proxy.endpoint,
    retryDelays: PATIENT,
  });
  await lost;
  await done;
  assert.deepEqual(course(requests), ['POST 201', 'PATCH undefined', 'HEAD 200']);
  await server.assertStored(upload.url, content);
});

test('the answer to the creation is lost: the client creates another upload', async (t) => {
  const server = await Server.start(t);
  const proxy = await Proxy.start(t, server);
  const lost = proxy.loseAnswerTo(/^POST /);
  const { upload, requests, done } = start(content, {
    endpoint: proxy.endpoint,
    retryDelays: PATIENT,
  });
  await lost;
  await done;
  assert.deepEqual(course(requests), ['POST undefined', 'POST 201', 'PATCH 204']);
  await server.assertStored(upload.url, content);
});

test('a connection is cut in the POST that carries content', async (t) => {
  const server = await Server.start(t);
  const proxy = await Proxy.start(t, server);
  const stopped = proxy.stopAfter(3_000_000);
  const { upload, requests, done } = start(content, {
    endpoint: proxy.endpoint,
    retryDelays: PATIENT,
    uploadDataDuringCreation: true,
  });
  (await stopped)();
  await done;
  assert.deepEqual(course(requests), ['POST undefined', 'POST 201']);
  await server.assertStored(upload.url, content);
});
