// tus-js-client in a browser, on a page of another origin: every request stands or falls with CORS.

import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { decodeMetadata, PATIENT } from '../harness/client.mjs';
import { MIB, sample } from '../harness/content.mjs';
import { Proxy } from '../harness/proxy.mjs';
import { Server } from '../harness/server.mjs';
import { contentPath, launch, openPage } from './browser.mjs';

const SIZE = 3 * MIB + 17;
const content = sample(SIZE);
const path = contentPath(SIZE);

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

for (const [name, options] of [
  ['the defaults', {}],
  ['chunkSize', { chunkSize: 1_000_003 }],
  ['uploadDataDuringCreation', { uploadDataDuringCreation: true }],
  ['parallelUploads', { parallelUploads: 3 }],
  ['overridePatchMethod', { overridePatchMethod: true }],
  ['addRequestId', { addRequestId: true }],
  ['headers', { headers: { Authorization: 'Bearer x', 'X-Requested-With': 'XMLHttpRequest' } }],
]) {
  test(`${name}`, async (t) => {
    const { server, page } = await setUp(t);
    const { url, error } = await upload(page, {
      path,
      options: { endpoint: server.endpoint, ...options },
    });
    assert.equal(error, undefined);
    await server.assertStored(url, content);
  });
}

for (const size of [0, 2 * MIB, SIZE]) {
  for (const uploadDataDuringCreation of [false, true]) {
    test(`a stream of ${size} bytes, uploadDataDuringCreation ${uploadDataDuringCreation}`, async (t) => {
      const { server, page } = await setUp(t);
      const { url, error } = await upload(page, {
        path: contentPath(size),
        stream: true,
        options: {
          endpoint: server.endpoint,
          uploadLengthDeferred: true,
          uploadDataDuringCreation,
          chunkSize: MIB,
        },
      });
      assert.equal(error, undefined);
      await server.assertStored(url, sample(size));
    });
  }
}

test('a script may read what the server tells', async (t) => {
  const { server, page } = await setUp(t, { 'expire-after': '1h' });
  const metadata = { filename: 'файл 你好.txt', filetype: 'text/plain', empty: '' };
  const { url, exchanges } = await upload(page, {
    path,
    abortAfter: 1,
    options: { endpoint: server.endpoint, chunkSize: MIB, metadata },
  });
  const [creation, chunk] = exchanges;
  assert.equal(creation.request, 'POST 201');
  assert.equal(new URL(creation.told.Location, server.endpoint).href, url);
  assert.equal(chunk.request, 'PATCH 204');
  assert.equal(chunk.told['Upload-Offset'], String(MIB));
  for (const { told } of exchanges) {
    assert.equal(told['Tus-Resumable'], '1.0.0');
    assert.ok(Date.parse(told['Upload-Expires']) > Date.now());
  }

  const { exchanges: resumption } = await upload(page, { path, options: { uploadUrl: url } });
  const [head] = resumption;
  assert.equal(head.request, 'HEAD 200');
  assert.equal(head.told['Upload-Length'], String(SIZE));
  assert.deepEqual(decodeMetadata(head.told['Upload-Metadata']), metadata);

  const { status, length, disposition } = await page.evaluate((url) => download(url), url);
  assert.deepEqual({ status, length }, { status: 200, length: SIZE });
  assert.match(disposition, /filename/);
});

test('a script may read a refusal', async (t) => {
  const { server, page } = await setUp(t, { 'max-size': MIB });
  for (const uploadDataDuringCreation of [false, true]) {
    const { error, exchanges } = await upload(page, {
      path,
      options: { endpoint: server.endpoint, retryDelays: PATIENT, uploadDataDuringCreation },
    });
    assert.equal(error?.status, 413, error?.message);
    assert.deepEqual(
      exchanges.map(({ request }) => request),
      ['POST 413'],
    );
    assert.equal(exchanges[0].told['Tus-Max-Size'], String(MIB));
  }
});

test('after a reload the page finds its upload and resumes it', async (t) => {
  const { server, page } = await setUp(t);
  const options = { endpoint: server.endpoint, chunkSize: MIB };
  const { url } = await upload(page, { path, abortAfter: 2, options });
  assert.equal(await server.offset(url), 2 * MIB);

  await page.reload();
  const resumed = await upload(page, { path, resume: true, options });
  assert.equal(resumed.url, url);
  assert.deepEqual(
    resumed.exchanges.map(({ request }) => request),
    ['HEAD 200', 'PATCH 204', 'PATCH 204'],
  );
  await server.assertStored(url, content);
});

test('an upload that was removed is begun anew', async (t) => {
  const { server, page } = await setUp(t);
  const options = { endpoint: server.endpoint };
  const { url: first } = await upload(page, { path, options });
  await page.evaluate((url) => tus.Upload.terminate(url, {}), first);
  await server.forgets(first);

  const { url, exchanges } = await upload(page, { path, resume: true, options });
  assert.match(exchanges[0].request, /^HEAD (404|410)$/);
  assert.notEqual(url, first);
  await server.assertStored(url, content);
});

test('kill -9 in the middle of an upload from the page', async (t) => {
  const { server, page } = await setUp(t);
  const proxy = await Proxy.start(t, server);
  const size = 20 * MIB + 17;
  const stopped = proxy.stopAfter(7_000_000);
  const result = upload(page, {
    path: contentPath(size),
    options: { endpoint: proxy.endpoint, retryDelays: PATIENT },
  });
  await stopped;
  const [id] = await readdir(server.dir).then((names) =>
    names.filter((name) => !name.includes('.')),
  );
  await server.offsetReaches(server.endpoint + id, 6_000_000);
  await server.kill();
  await server.restart();
  const { url, exchanges, error } = await result;
  assert.equal(error, undefined);
  // When a connection breaks, Chromium may send the same PATCH once more by itself, which by then
  // belongs nowhere.
  assert.deepEqual(
    exchanges.map(({ request }) => request).filter((request) => request !== 'PATCH 409'),
    ['POST 201', 'HEAD 200', 'PATCH 204'],
  );
  await server.assertStored(url, sample(size));
});

async function setUp(t, flags) {
  return { server: await Server.start(t, flags), page: await openPage(t, browser) };
}

function upload(page, order) {
  return page.evaluate((order) => window.upload(order), order);
}
