// The server goes away in the middle of an upload, and comes back on the same port and directory.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { complete, course, PATIENT, start } from '../harness/client.mjs';
import { MIB, sample } from '../harness/content.mjs';
import { eventually } from '../harness/eventually.mjs';
import { Gate } from '../harness/gate.mjs';
import { Server } from '../harness/server.mjs';

const content = sample(50 * MIB + 17);
const KILLS_AT = [8 * MIB, 23 * MIB, 41 * MIB];

for (const [name, options] of [
  ['one PATCH', {}],
  ['chunks of 1 MiB', { chunkSize: MIB }],
  ['the creation and chunks of 10 MiB', { uploadDataDuringCreation: true, chunkSize: 10 * MIB }],
]) {
  test(`kill -9, three times while bytes flow: 50 MiB by ${name}`, async (t) => {
    const server = await Server.start(t);
    const gate = new Gate(48 * MIB, { paceMs: 1 }); // it cannot be complete before the last kill
    let acknowledged = 0;
    const { upload, requests, done } = start(content, {
      endpoint: server.endpoint,
      retryDelays: PATIENT,
      fileReader: gate.fileReader,
      onChunkComplete: (_chunk, accepted) => (acknowledged = accepted),
      ...options,
    });
    const url = await eventually('the upload has a URL', () => upload.url);

    for (const bytes of KILLS_AT) {
      const before = await server.offsetReaches(url, bytes);
      await server.kill();
      const promised = Math.max(before, acknowledged);
      await server.restart();
      const after = await server.offset(url);
      assert.ok(after >= promised, `${after} of the ${promised} bytes it had told of`);
      assert.ok(after < content.length);
    }
    gate.open();
    await done;

    assert.equal(upload.url, url);
    assert.equal(requests.filter(({ method }) => method === 'POST').length, 1, 'never anew');
    await server.assertStored(url, content);
  });
}

test('kill -9 in the middle of parallel parts', async (t) => {
  const server = await Server.start(t);
  const gate = new Gate(10 * MIB);
  const urls = [];
  const { upload, requests, done } = start(content, {
    endpoint: server.endpoint,
    retryDelays: PATIENT,
    parallelUploads: 2,
    fileReader: gate.partFileReader(content),
    urlStorage: {
      addUpload: async (_fingerprint, { parallelUploadUrls }) => urls.push(...parallelUploadUrls),
    },
  });
  await eventually('both parts are there', () => urls.length === 2);
  for (const url of urls) await server.offsetReaches(url, 10 * MIB);
  await server.kill();
  await server.restart();
  for (const url of urls) assert.equal(await server.offset(url), 10 * MIB);
  gate.open();
  await done;

  const posts = requests.filter(({ method, status }) => method === 'POST' && status === 201);
  assert.equal(posts.length, 3, 'two parts and the final upload');
  await server.assertStored(upload.url, content);
});

test('SIGTERM in the middle of a PATCH keeps every byte that arrived', async (t) => {
  const server = await Server.start(t);
  const gate = new Gate(30 * MIB);
  const { upload, requests, done } = start(content, {
    endpoint: server.endpoint,
    retryDelays: PATIENT,
    fileReader: gate.fileReader,
  });
  const url = await eventually('the upload has a URL', () => upload.url);
  assert.equal(await server.offsetReaches(url, 30 * MIB), 30 * MIB);
  await server.terminate();
  await server.restart();
  assert.equal(await server.offset(url), 30 * MIB);
  gate.open();
  await done;

  assert.equal(upload.url, url);
  assert.deepEqual(course(requests.slice(-2)), ['HEAD 200', 'PATCH 204']);
  await server.assertStored(url, content);
});

test('what was complete before kill -9 is there after it', async (t) => {
  const server = await Server.start(t);
  const options = { endpoint: server.endpoint, metadata: { filename: 'Ünïcode.bin' } };
  const plain = await complete(content, options);
  const joined = await complete(content, { ...options, parallelUploads: 4 });
  const metadata = (await server.head(plain.url)).headers.get('Upload-Metadata');
  await server.kill();
  await server.restart();
  for (const { url } of [plain, joined]) {
    await server.assertStored(url, content);
    assert.equal((await server.head(url)).headers.get('Upload-Metadata'), metadata);
  }
});
