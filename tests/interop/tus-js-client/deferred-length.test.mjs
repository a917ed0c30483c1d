// uploadLengthDeferred: the length comes with the last PATCH.
//
// tus-js-client 4.3.1 waits for ever, on its own, for a Node stream that ends where a chunk ends
// (an empty one too), so those two cases are made here without its stream source: as an empty
// buffer, and with a `fileReader` that learns of the end one read later. The browser suite sends
// them as real streams.

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';

import { complete, course, PATIENT, start } from '../harness/client.mjs';
import { KIB, MIB, sample } from '../harness/content.mjs';
import { Proxy } from '../harness/proxy.mjs';
import { Server } from '../harness/server.mjs';

const content = sample(2 * MIB + 17);

const stream = () =>
  Readable.from([content.subarray(0, 1), content.subarray(1, MIB), content.subarray(MIB)], {
    objectMode: false,
  });

for (const uploadDataDuringCreation of [false, true]) {
  for (const chunkSize of [4 * MIB, 500_009, 64 * KIB]) {
    test(`a stream, chunkSize ${chunkSize}, uploadDataDuringCreation ${uploadDataDuringCreation}`, async (t) => {
      const server = await Server.start(t);
      const { url, requests } = await complete(stream(), {
        endpoint: server.endpoint,
        uploadLengthDeferred: true,
        uploadDataDuringCreation,
        chunkSize,
      });
      const [creation, ...chunks] = requests;
      assert.equal(creation.header('Upload-Defer-Length'), '1');
      assert.equal(creation.answer('Upload-Offset'), '0');
      assert.equal(chunks.length, Math.ceil(content.length / chunkSize));
      const lengths = chunks.map(({ header }) => header('Upload-Length'));
      assert.deepEqual(
        new Set(lengths.slice(0, -1)),
        new Set(chunks.length > 1 ? [undefined] : []),
      );
      assert.equal(lengths.at(-1), String(content.length));
      await server.assertStored(url, content);
    });
  }
}

test('a buffer', async (t) => {
  const server = await Server.start(t);
  const { url, requests } = await complete(content, {
    endpoint: server.endpoint,
    uploadLengthDeferred: true,
  });
  assert.deepEqual(course(requests), ['POST 201', 'PATCH 204']);
  await server.assertStored(url, content);
});

test('nothing at all', async (t) => {
  const server = await Server.start(t);
  const empty = Buffer.alloc(0);
  const { url, requests } = await complete(empty, {
    endpoint: server.endpoint,
    uploadLengthDeferred: true,
  });
  assert.deepEqual(course(requests), ['POST 201', 'PATCH 204']);
  assert.equal(requests[1].header('Upload-Length'), '0');
  await server.assertStored(url, empty);
});

test('the end is known only after the last byte: an empty PATCH brings the length', async (t) => {
  const server = await Server.start(t);
  const chunkSize = MIB;
  const aligned = content.subarray(0, 2 * chunkSize);
  const { url, requests } = await complete(aligned, {
    endpoint: server.endpoint,
    uploadLengthDeferred: true,
    chunkSize,
    fileReader: { openFile: async (buffer) => new LateEnd(buffer) },
  });
  assert.deepEqual(course(requests), ['POST 201', 'PATCH 204', 'PATCH 204', 'PATCH 204']);
  const last = requests.at(-1);
  assert.equal(last.header('Upload-Offset'), String(aligned.length));
  assert.equal(last.header('Upload-Length'), String(aligned.length));
  await server.assertStored(url, aligned);
});

test('HEAD says that the length is deferred, and a cut stream is resumed', async (t) => {
  const server = await Server.start(t);
  const proxy = await Proxy.start(t, server);
  const stopped = proxy.stopAfter(MIB);
  const { upload, requests, done } = start(stream(), {
    endpoint: proxy.endpoint,
    uploadLengthDeferred: true,
    chunkSize: 600_011,
    retryDelays: PATIENT,
  });
  const cut = await stopped;
  const head = await server.head(upload.url);
  assert.equal(head.headers.get('Upload-Defer-Length'), '1');
  assert.equal(head.headers.get('Upload-Length'), null);
  cut();
  await done;
  assert.deepEqual(course(requests).slice(0, 4), [
    'POST 201',
    'PATCH 204',
    'PATCH undefined',
    'HEAD 200',
  ]);
  await server.assertStored(upload.url, content);
});

/** A source that says "done" only when it was asked for more than there is. */
class LateEnd {
  #buffer;
  size = null;

  constructor(buffer) {
    this.#buffer = buffer;
  }

  async slice(start, end) {
    const value = this.#buffer.subarray(start, end);
    value.size = value.length;
    return { value, done: value.length === 0 };
  }

  close() {}
}
