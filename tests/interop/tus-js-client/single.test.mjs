// One upload, one connection, nothing breaks: the client's options one by one.

import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { Agent } from 'node:http';
import { Readable } from 'node:stream';
import { test } from 'node:test';

import { DefaultHttpStack } from 'tus-js-client';

import { complete, course, decodeMetadata } from '../harness/client.mjs';
import { KIB, MIB, sample } from '../harness/content.mjs';
import { Server } from '../harness/server.mjs';

const content = sample(3 * MIB + 17);

test('the defaults send everything in one PATCH', async (t) => {
  const server = await Server.start(t);
  const { url, requests } = await complete(content, { endpoint: server.endpoint });
  assert.deepEqual(course(requests), ['POST 201', 'PATCH 204']);
  await server.assertStored(url, content);
});

test('a file is read from disk', async (t) => {
  const server = await Server.start(t);
  const path = process.execPath;
  const slice = { start: 1000, end: 1000 + 2 * MIB };
  const { url } = await complete(createReadStream(path, slice), { endpoint: server.endpoint });
  const expected = [];
  for await (const piece of createReadStream(path, slice)) expected.push(piece);
  await server.assertStored(url, Buffer.concat(expected));
});

for (const chunkSize of [1, 1000, 65_536, 1_000_003]) {
  const size = Math.min(content.length, chunkSize * 40 + Math.floor(chunkSize / 2));
  test(`chunkSize ${chunkSize}, upload of ${size} bytes`, async (t) => {
    const server = await Server.start(t);
    const part = content.subarray(0, size);
    const accepted = [];
    const { url, requests } = await complete(part, {
      endpoint: server.endpoint,
      chunkSize,
      onChunkComplete: (_chunk, total) => accepted.push(total),
    });
    const chunks = Math.ceil(size / chunkSize);
    assert.deepEqual(course(requests), ['POST 201', ...Array(chunks).fill('PATCH 204')]);
    assert.deepEqual(
      accepted,
      Array.from({ length: chunks }, (_, index) => Math.min(size, (index + 1) * chunkSize)),
    );
    await server.assertStored(url, part);
  });
}

test('uploadSize gives the length of a stream', async (t) => {
  const server = await Server.start(t);
  const pieces = [content.subarray(0, 10), content.subarray(10, MIB), content.subarray(MIB)];
  const { url } = await complete(Readable.from(pieces, { objectMode: false }), {
    endpoint: server.endpoint,
    uploadSize: content.length,
    chunkSize: 700_001,
  });
  await server.assertStored(url, content);
});

test('overridePatchMethod sends PATCH as POST', async (t) => {
  const server = await Server.start(t);
  const { url, requests } = await complete(content, {
    endpoint: server.endpoint,
    overridePatchMethod: true,
    chunkSize: 2 * MIB,
  });
  assert.deepEqual(course(requests), ['POST 201', 'POST 204', 'POST 204']);
  assert.equal(requests[1].header('X-HTTP-Method-Override'), 'PATCH');
  await server.assertStored(url, content);
});

test('addRequestId marks every request', async (t) => {
  const server = await Server.start(t);
  const { url, requests } = await complete(content, {
    endpoint: server.endpoint,
    addRequestId: true,
    chunkSize: MIB,
  });
  const ids = new Set(requests.map(({ header }) => header('X-Request-ID')));
  assert.equal(ids.size, requests.length);
  await server.assertStored(url, content);
});

test('headers of the user go along and disturb nothing', async (t) => {
  const server = await Server.start(t);
  const headers = {
    Authorization: 'Bearer b3BlbiBzZXNhbWU=',
    'X-Tenant': 'blue',
    'Accept-Language': 'de, en;q=0.5',
  };
  const { url, requests } = await complete(content, { endpoint: server.endpoint, headers });
  assert.deepEqual(course(requests), ['POST 201', 'PATCH 204']);
  requests.forEach(({ header }) => assert.equal(header('X-Tenant'), 'blue'));
  await server.assertStored(url, content);
});

// With Expect, Node sends the empty body of a creation in chunks: of a length that is not told before.
test('Expect: 100-continue on every request', async (t) => {
  const server = await Server.start(t);
  const headers = { Expect: '100-continue' };
  const { url, requests } = await complete(content, { endpoint: server.endpoint, headers });
  assert.deepEqual(course(requests), ['POST 201', 'PATCH 204']);
  await server.assertStored(url, content);
});

for (const [name, agent] of [
  ['one connection for all requests', () => new Agent({ keepAlive: true, maxSockets: 1 })],
  ['a new connection for each request', () => new Agent({ keepAlive: false })],
]) {
  test(`httpStack with ${name}`, async (t) => {
    const server = await Server.start(t);
    const connections = agent();
    t.after(() => connections.destroy());
    const { url } = await complete(content, {
      endpoint: server.endpoint,
      httpStack: new DefaultHttpStack({ agent: connections }),
      chunkSize: 300 * KIB,
    });
    await server.assertStored(url, content);
  });
}

for (const [name, options] of [
  ['after its creation', {}],
  ['with uploadDataDuringCreation', { uploadDataDuringCreation: true }],
]) {
  test(`an empty file is complete ${name}`, async (t) => {
    const server = await Server.start(t);
    const empty = Buffer.alloc(0);
    const { url, requests } = await complete(empty, { endpoint: server.endpoint, ...options });
    assert.deepEqual(course(requests), ['POST 201']);
    await server.assertStored(url, empty);
  });
}

test('metadata comes back from HEAD: empty, non-Latin, long, and of every byte', async (t) => {
  const server = await Server.start(t);
  const metadata = {
    filename: 'Überraschung 你好 файл 🎂.tar.gz',
    filetype: 'application/x-tar; charset="utf-8"',
    empty: '',
    'key-with:punctuation/!#$%&': '"\\\r\n\t\0,;= end',
    long: 'ж'.repeat(1000),
  };
  const { url, requests } = await complete(content, { endpoint: server.endpoint, metadata });
  await server.assertStored(url, content);
  const echoed = (await server.head(url)).headers.get('Upload-Metadata');
  assert.deepEqual(decodeMetadata(echoed), metadata);
  assert.equal(echoed, requests[0].header('Upload-Metadata'));
});

test('a last metadata value that is empty', async (t) => {
  const server = await Server.start(t);
  const metadata = { filename: 'a', note: '' };
  const { url } = await complete(content, { endpoint: server.endpoint, metadata });
  const echoed = (await server.head(url)).headers.get('Upload-Metadata');
  assert.deepEqual(decodeMetadata(echoed), metadata);
});

test('progress ends at the length', async (t) => {
  const server = await Server.start(t);
  const progress = [];
  await complete(content, {
    endpoint: server.endpoint,
    onProgress: (sent, total) => progress.push([sent, total]),
  });
  assert.deepEqual(progress.at(-1), [content.length, content.length]);
});
