// The client stops and goes on later, or removes what it sent.

import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { FileUrlStorage, Upload } from 'tus-js-client';

import { abort, complete, course, start } from '../harness/client.mjs';
import { MIB, sample } from '../harness/content.mjs';
import { eventually } from '../harness/eventually.mjs';
import { Gate } from '../harness/gate.mjs';
import { scratch } from '../harness/scratch.mjs';
import { Server } from '../harness/server.mjs';

const content = sample(8 * MIB + 17);

test('an aborted upload is resumed by its URL, from the last byte that arrived', async (t) => {
  const server = await Server.start(t);
  const { url } = await abortedAt(5 * MIB, server);
  assert.equal(await server.offset(url), 5 * MIB);

  const { requests } = await complete(content, { uploadUrl: url });
  assert.deepEqual(course(requests), ['HEAD 200', 'PATCH 204']);
  assert.equal(requests[1].header('Upload-Offset'), String(5 * MIB));
  await server.assertStored(url, content);
});

test('the same object goes on after abort', async (t) => {
  const server = await Server.start(t);
  const { url, upload, requests, done, gate } = await abortedAt(5 * MIB, server);
  gate.open();
  upload.start();
  await done;
  assert.equal(upload.url, url);
  assert.deepEqual(course(requests), ['POST 201', 'PATCH undefined', 'HEAD 200', 'PATCH 204']);
  await server.assertStored(url, content);
});

test('a new process finds the upload in its URL storage', async (t) => {
  const server = await Server.start(t);
  const urlStorage = await storage(t);
  const { url } = await abortedAt(5 * MIB, server, { urlStorage });

  const options = { endpoint: server.endpoint, urlStorage, removeFingerprintOnSuccess: true };
  const [previous, ...others] = await previousUploads(options);
  assert.equal(previous.uploadUrl, url);
  assert.deepEqual(others, []);

  const { requests } = await complete(content, { ...options, previous });
  assert.deepEqual(course(requests), ['HEAD 200', 'PATCH 204']);
  await server.assertStored(url, content);
  await eventually('the storage is empty', async () => {
    return (await previousUploads(options)).length === 0;
  });
});

test('parallel parts are found in the URL storage and resumed', async (t) => {
  const server = await Server.start(t);
  const options = {
    endpoint: server.endpoint,
    urlStorage: await storage(t),
    parallelUploads: 2,
    metadata: { filename: 'parts.bin' },
  };
  const gate = new Gate(MIB);
  const first = start(content, { ...options, fileReader: gate.partFileReader(content) });
  const [previous] = await eventually('both parts are in the storage', async () => {
    const found = await previousUploads(options);
    return found.length === 1 && found;
  });
  for (const part of previous.parallelUploadUrls) await server.offsetReaches(part, MIB);
  await first.upload.abort();

  const { url, requests } = await complete(content, { ...options, previous });
  const offsets = requests
    .filter(({ method }) => method === 'PATCH')
    .map(({ header }) => header('Upload-Offset'));
  assert.deepEqual(offsets, [String(MIB), String(MIB)]);
  assert.equal(requests.filter(({ method }) => method === 'POST').length, 1, 'only the final one');
  await server.assertStored(url, content);
});

test('a completed upload is recognised, and nothing is sent', async (t) => {
  const server = await Server.start(t);
  const { url } = await complete(content, { endpoint: server.endpoint });
  const { requests } = await complete(content, { uploadUrl: url });
  assert.deepEqual(course(requests), ['HEAD 200']);
});

test('an upload URL that the server does not know leads to a new upload', async (t) => {
  const server = await Server.start(t);
  const unknown = `${server.endpoint}aaaaaaaaaaaaaaaaaaaaaaaaaa`;
  const { url, requests } = await complete(content, {
    endpoint: server.endpoint,
    uploadUrl: unknown,
  });
  assert.deepEqual(course(requests), ['HEAD 404', 'POST 201', 'PATCH 204']);
  assert.notEqual(url, unknown);
  await server.assertStored(url, content);
});

test('abort(true) removes an upload that is under way', async (t) => {
  const server = await Server.start(t);
  const gate = new Gate(5 * MIB);
  const { upload } = start(content, { endpoint: server.endpoint, fileReader: gate.fileReader });
  await eventually('the upload has a URL', () => upload.url);
  await server.offsetReaches(upload.url, 5 * MIB);
  await upload.abort(true);
  await assertGone(server, upload.url);
});

test('Upload.terminate removes an unfinished and a complete upload', async (t) => {
  const server = await Server.start(t);
  const unfinished = (await abortedAt(MIB, server)).url;
  const { url: whole } = await complete(content, { endpoint: server.endpoint });
  for (const url of [unfinished, whole]) {
    await Upload.terminate(url, { retryDelays: null });
    await assertGone(server, url);
    const id = new URL(url).pathname.split('/').at(-1);
    assert.deepEqual(
      (await readdir(server.dir)).filter((name) => name.includes(id)),
      [],
    );
  }
});

test('Upload.terminate of an unknown upload fails with its status', async (t) => {
  const server = await Server.start(t);
  const { url } = await complete(content, { endpoint: server.endpoint });
  await Upload.terminate(url);
  await assert.rejects(Upload.terminate(url), ({ originalResponse }) =>
    [404, 410].includes(originalResponse.getStatus()),
  );
});

/** Begins an upload and aborts it when exactly `bytes` of it are committed. */
async function abortedAt(bytes, server, options = {}) {
  const gate = new Gate(bytes);
  const begun = start(content, {
    endpoint: server.endpoint,
    fileReader: gate.fileReader,
    ...options,
  });
  const url = await eventually('the upload has a URL', () => begun.upload.url);
  assert.equal(await server.offsetReaches(url, bytes), bytes);
  await abort(begun);
  return { ...begun, url, gate };
}

async function storage(t) {
  return new FileUrlStorage(join(await scratch(t), 'urls.json'));
}

async function previousUploads(options) {
  return new Upload(content, options).findPreviousUploads();
}

async function assertGone(server, url) {
  for (const answer of [await server.head(url), await fetch(url)]) {
    assert.ok([404, 410].includes(answer.status), `${answer.status} after the removal`);
  }
}
