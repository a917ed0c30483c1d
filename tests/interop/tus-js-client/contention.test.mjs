// Several clients at once, and clients that are in each other's way.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';

import { Upload } from 'tus-js-client';

import { complete, PATIENT, start } from '../harness/client.mjs';
import { MIB, sample } from '../harness/content.mjs';
import { eventually } from '../harness/eventually.mjs';
import { Gate } from '../harness/gate.mjs';
import { Server } from '../harness/server.mjs';

const content = sample(8 * MIB + 17);

test('ten uploads at once', async (t) => {
  const server = await Server.start(t);
  const uploads = Array.from({ length: 10 }, (_, index) => ({
    bytes: sample(3 * MIB + index, index + 1),
    options: [
      {},
      { chunkSize: 300_007 },
      { uploadDataDuringCreation: true },
      { parallelUploads: 3 },
      { uploadLengthDeferred: true },
    ][index % 5],
  }));
  const completed = await Promise.all(
    uploads.map(({ bytes, options }) => complete(bytes, { endpoint: server.endpoint, ...options })),
  );
  for (const [index, { url }] of completed.entries()) {
    await server.assertStored(url, uploads[index].bytes);
  }
});

test('a connection that hangs in a PATCH does not hold up the client that resumes', async (t) => {
  const server = await Server.start(t);
  const { url, hung } = await hangingPatch(t, server, 2 * MIB);

  const refusals = [];
  const { requests, done } = start(content, {
    uploadUrl: url,
    retryDelays: PATIENT,
    onShouldRetry: recordRefusal(refusals),
  });
  await done;
  assertRetriable(refusals);
  assert.equal(requests[1].header('Upload-Offset'), String(2 * MIB));

  // What the hanging client still sends must not reach the upload.
  hung.write(Buffer.alloc(MIB, 0xee));
  await eventually('the stale connection is closed', () => hung.destroyed);
  await server.assertStored(url, content);
});

test('two clients send the same upload at the same time', async (t) => {
  const server = await Server.start(t);
  const gate = new Gate(6 * MIB, { paceMs: 10 });
  const first = start(content, {
    endpoint: server.endpoint,
    fileReader: gate.fileReader,
    retryDelays: PATIENT,
  });
  const url = await eventually('the upload has a URL', () => first.upload.url);
  await server.offsetReaches(url, MIB);

  const refusals = [];
  const second = start(content, {
    uploadUrl: url,
    retryDelays: PATIENT,
    onShouldRetry: recordRefusal(refusals),
  });
  gate.open();
  const [begun, joined] = await Promise.allSettled([first.done, second.done]);

  // The first client may be overtaken, if it was silent for too long, and is told so by a 400.
  if (begun.status === 'rejected') {
    assert.equal(begun.reason.originalResponse?.getStatus(), 400, String(begun.reason));
  }
  assert.equal(joined.status, 'fulfilled', String(joined.reason));
  assertRetriable(refusals);
  await server.assertStored(url, content);
});

test('DELETE while another client sends', async (t) => {
  const server = await Server.start(t);
  const gate = new Gate(5 * MIB);
  const sender = start(content, { endpoint: server.endpoint, fileReader: gate.fileReader });
  const url = await eventually('the upload has a URL', () => sender.upload.url);
  await server.offsetReaches(url, 5 * MIB);
  sender.done.catch(() => {});

  await Upload.terminate(url, { retryDelays: null });
  gate.open();
  await assert.rejects(sender.done);
  await server.forgets(url);
});

/** Creates an upload and sends `bytes` of it in a PATCH that promises all, then falls silent. */
async function hangingPatch(t, server, bytes) {
  const creation = await fetch(server.endpoint, {
    method: 'POST',
    headers: { 'Tus-Resumable': '1.0.0', 'Upload-Length': String(content.length) },
  });
  const url = new URL(creation.headers.get('Location'), server.endpoint);
  const hung = connect(server.port, '127.0.0.1');
  t.after(() => hung.destroy());
  hung.on('error', () => {});
  hung.resume();
  hung.write(
    [
      `PATCH ${url.pathname} HTTP/1.1`,
      `Host: ${url.host}`,
      'Tus-Resumable: 1.0.0',
      'Upload-Offset: 0',
      'Content-Type: application/offset+octet-stream',
      `Content-Length: ${content.length}`,
      '\r\n',
    ].join('\r\n'),
  );
  hung.write(content.subarray(0, bytes));
  assert.equal(await server.offsetReaches(url.href, bytes), bytes);
  return { url: url.href, hung };
}

/**
 * A refusal must be one that the client tries again by default. It may see only a closed connection:
 * the server reads no more than a part of a body that it has refused.
 */
function assertRetriable(refusals) {
  refusals.forEach((status) => {
    assert.ok([409, 423, undefined].includes(status), `refused with ${status}`);
  });
}

/** An `onShouldRetry` that notes the status of a refusal and always tries again. */
function recordRefusal(statuses) {
  return ({ originalResponse }) => {
    statuses.push(originalResponse?.getStatus());
    return true;
  };
}
