// uploadDataDuringCreation: the POST already carries content.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { complete, course, decodeMetadata } from '../harness/client.mjs';
import { MIB, sample } from '../harness/content.mjs';
import { Server } from '../harness/server.mjs';

const content = sample(3 * MIB + 17);

test('the whole upload is one POST', async (t) => {
  const server = await Server.start(t);
  const metadata = { filename: 'whole.bin' };
  const { url, requests } = await complete(content, {
    endpoint: server.endpoint,
    uploadDataDuringCreation: true,
    metadata,
  });
  assert.deepEqual(course(requests), ['POST 201']);
  assert.equal(requests[0].answer('Upload-Offset'), String(content.length));
  await server.assertStored(url, content);
  const echoed = (await server.head(url)).headers.get('Upload-Metadata');
  assert.deepEqual(decodeMetadata(echoed), metadata);
});

test('the first chunk goes with the POST, the others follow', async (t) => {
  const server = await Server.start(t);
  const { url, requests } = await complete(content, {
    endpoint: server.endpoint,
    uploadDataDuringCreation: true,
    chunkSize: 1_000_003,
  });
  assert.deepEqual(course(requests), ['POST 201', 'PATCH 204', 'PATCH 204', 'PATCH 204']);
  assert.equal(requests[1].header('Upload-Offset'), '1000003');
  await server.assertStored(url, content);
});
