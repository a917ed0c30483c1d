// What the server refuses, or forgets.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { FileUrlStorage, Upload } from 'tus-js-client';

import { complete, course, PATIENT, start } from '../harness/client.mjs';
import { MIB, sample } from '../harness/content.mjs';
import { scratch } from '../harness/scratch.mjs';
import { Server } from '../harness/server.mjs';

const MAX = MIB;
const fits = sample(MAX);
const tooLarge = sample(3 * MIB);

test('an upload of exactly --max-size is taken', async (t) => {
  const server = await Server.start(t, { 'max-size': MAX });
  const { url } = await complete(fits, { endpoint: server.endpoint });
  await server.assertStored(url, fits);
});

for (const [name, options] of [
  ['at its creation', {}],
  ['when the creation carries it', { uploadDataDuringCreation: true }],
  ['when the length comes with the content', { uploadLengthDeferred: true }],
  ['when its parts are joined', { parallelUploads: 4 }],
]) {
  test(`a file larger than --max-size is refused with 413 ${name}`, async (t) => {
    const server = await Server.start(t, { 'max-size': MAX });
    const { done } = start(tooLarge, {
      endpoint: server.endpoint,
      retryDelays: PATIENT,
      ...options,
    });
    await assert.rejects(done, ({ originalResponse }) => {
      assert.equal(originalResponse?.getStatus(), 413);
      assert.equal(originalResponse.getHeader('Tus-Max-Size'), String(MAX));
      return true;
    });
  });
}

test('an expired upload is gone, and the client begins anew', async (t) => {
  const server = await Server.start(t, { 'expire-after': '6s' });
  const urlStorage = new FileUrlStorage(join(await scratch(t), 'urls.json'));
  const options = { endpoint: server.endpoint, urlStorage };
  const { upload, requests } = await abortedAfterOneChunk(tooLarge, options);
  const expired = upload.url;
  for (const { answer } of requests) {
    assert.ok(Date.parse(answer('Upload-Expires')) > 0, 'it was told when it would expire');
  }
  await server.forgets(expired);

  const [previous] = await new Upload(tooLarge, options).findPreviousUploads();
  assert.equal(previous.uploadUrl, expired);
  const renewed = await complete(tooLarge, { ...options, previous });
  assert.match(course(renewed.requests).join(), /^HEAD (404|410),POST 201,PATCH 204$/);
  await server.assertStored(renewed.url, tooLarge);

  const [now, ...others] = await new Upload(tooLarge, options).findPreviousUploads();
  assert.equal(now.uploadUrl, renewed.url);
  assert.deepEqual(others, []);
});

test('a complete upload does not expire', async (t) => {
  const server = await Server.start(t, { 'expire-after': '6s' });
  const { url } = await complete(fits, { endpoint: server.endpoint });
  const younger = await abortedAfterOneChunk(fits, { endpoint: server.endpoint });
  await server.forgets(younger.upload.url);
  await server.assertStored(url, fits);
});

async function abortedAfterOneChunk(content, options) {
  let begun;
  await new Promise((resolve, reject) => {
    begun = start(content, {
      ...options,
      chunkSize: 1000,
      onChunkComplete() {
        begun.upload.abort();
        resolve();
      },
    });
    begun.done.catch(reject);
  });
  return begun;
}
