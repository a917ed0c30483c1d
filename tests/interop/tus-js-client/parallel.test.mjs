// parallelUploads: partial uploads, joined by a final one.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { complete, course, decodeMetadata, PATIENT, start } from '../harness/client.mjs';
import { MIB, sample } from '../harness/content.mjs';
import { eventually } from '../harness/eventually.mjs';
import { Gate } from '../harness/gate.mjs';
import { Proxy } from '../harness/proxy.mjs';
import { Server } from '../harness/server.mjs';

const content = sample(6 * MIB + 17);
const boundaries = [
  { start: 0, end: 1 },
  { start: 1, end: 4_000_037 },
  { start: 4_000_037, end: content.length },
];

for (const [name, options] of [
  ['2 parts', { parallelUploads: 2 }],
  ['4 parts', { parallelUploads: 4 }],
  ['2 parts with chunkSize', { parallelUploads: 2, chunkSize: 1_000_003 }],
  [
    '4 parts with their content in the POST',
    { parallelUploads: 4, uploadDataDuringCreation: true },
  ],
  ['parts of chosen sizes', { parallelUploads: 3, parallelUploadBoundaries: boundaries }],
  ['PATCH as POST', { parallelUploads: 2, overridePatchMethod: true }],
  ['request ids', { parallelUploads: 2, addRequestId: true }],
]) {
  test(name, async (t) => {
    const server = await Server.start(t);
    const { url, requests } = await complete(content, { endpoint: server.endpoint, ...options });
    const parts = partsOf(requests);
    assert.equal(parts.length, options.parallelUploads);
    assert.deepEqual(
      final(requests).map(({ status }) => status),
      [201],
    );
    const concat = (await server.head(url)).headers.get('Upload-Concat');
    assert.equal(concat, final(requests)[0].header('Upload-Concat'));
    await server.assertStored(url, content);
  });
}

test('parts without content, of a file smaller than their number', async (t) => {
  const server = await Server.start(t);
  const small = sample(3);
  const { url } = await complete(small, { endpoint: server.endpoint, parallelUploads: 4 });
  await server.assertStored(url, small);
});

test('the final upload has the metadata, the parts have theirs', async (t) => {
  const server = await Server.start(t);
  const metadata = { filename: 'ganz.bin', note: '' };
  const metadataForPartialUploads = { part: 'yes' };
  const { url, requests } = await complete(content, {
    endpoint: server.endpoint,
    parallelUploads: 2,
    metadata,
    metadataForPartialUploads,
  });
  const metadataOf = async (upload) =>
    decodeMetadata((await server.head(upload)).headers.get('Upload-Metadata'));
  assert.deepEqual(await metadataOf(url), metadata);
  for (const part of partsOf(requests)) {
    assert.deepEqual(await metadataOf(part), metadataForPartialUploads);
    assert.equal((await server.head(part)).headers.get('Upload-Concat'), 'partial');
  }
});

test('without metadata, the final upload has none, whatever the parts have', async (t) => {
  const server = await Server.start(t);
  const { url } = await complete(content, {
    endpoint: server.endpoint,
    parallelUploads: 2,
    metadataForPartialUploads: { part: 'yes' },
  });
  assert.equal((await server.head(url)).headers.get('Upload-Metadata'), null);
});

test('a part whose connection is cut resumes', async (t) => {
  const server = await Server.start(t);
  const proxy = await Proxy.start(t, server);
  const stopped = proxy.stopAfter(3 * MIB);
  const { upload, requests, done } = start(content, {
    endpoint: proxy.endpoint,
    parallelUploads: 2,
    retryDelays: PATIENT,
  });
  (await stopped)();
  await done;
  assert.equal(partsOf(requests).length, 2, 'no part began anew');
  assert.ok(requests.some(({ method, status }) => method === 'HEAD' && status === 200));
  await server.assertStored(upload.url, content);
});

// tus-js-client 4.3.1 does not retry by itself when the connection of the final POST breaks.
test('the answer to the final POST is lost: started again, the client gets its file', async (t) => {
  const server = await Server.start(t);
  const proxy = await Proxy.start(t, server);
  const lost = proxy.loseAnswerTo(/upload-concat: final/i);
  const first = start(content, { endpoint: proxy.endpoint, parallelUploads: 2 });
  await lost;
  await assert.rejects(first.done);

  const completed = new Promise((resolve) => (first.upload.options.onSuccess = resolve));
  first.upload.start();
  await completed;
  assert.deepEqual(course(first.requests.slice(-4)), [
    'POST undefined',
    'HEAD 200',
    'HEAD 200',
    'POST 201',
  ]);
  await server.assertStored(first.upload.url, content);
});

test('abort(true) removes the parts', async (t) => {
  const server = await Server.start(t);
  const gate = new Gate(MIB);
  const { upload, requests } = start(content, {
    endpoint: server.endpoint,
    parallelUploads: 2,
    fileReader: gate.partFileReader(content),
  });
  const parts = await eventually('both parts are there', () => {
    const created = partsOf(requests);
    return created.length === 2 && created;
  });
  for (const part of parts) await server.offsetReaches(part, MIB);
  await upload.abort(true);
  for (const part of parts) await server.forgets(part);
});

function partsOf(requests) {
  return requests
    .filter(({ method, header, status }) => {
      const creates = method === 'POST' && header('X-HTTP-Method-Override') === undefined;
      return creates && header('Upload-Concat') === 'partial' && status === 201;
    })
    .map(({ url, answer }) => new URL(answer('Location'), url).href);
}

function final(requests) {
  return requests.filter(({ header }) => header('Upload-Concat')?.startsWith('final;'));
}
