// tus-js-client, with a record of what went over the wire.

import { Upload } from 'tus-js-client';

/** Enough tries for a server that is down for a while. */
export const PATIENT = [0, 50, 100, 200, 400, 800, 1600, 3200, 3200, 3200];

/**
 * Starts an upload, with the client's own options; `previous` is an entry of `findPreviousUploads`.
 * `done` settles when it ends, never after an abort. `requests` lists what was sent, in order; a
 * request that was never answered has no status.
 *
 * Without `retryDelays` nothing is tried twice, so that no failure of the server stays hidden.
 */
export function start(content, { previous, ...options }) {
  const requests = [];
  const sent = new Map();
  let upload;
  const done = new Promise((resolve, reject) => {
    upload = new Upload(content, {
      retryDelays: null,
      ...options,
      onBeforeRequest(request) {
        const entry = {
          method: request.getMethod(),
          url: request.getURL(),
          header: (name) => request.getHeader(name),
          underlying: () => request.getUnderlyingObject(),
        };
        requests.push(entry);
        sent.set(request, entry);
      },
      onAfterResponse(request, response) {
        Object.assign(sent.get(request), {
          status: response.getStatus(),
          answer: (name) => response.getHeader(name),
        });
      },
      onSuccess: resolve,
      onError: reject,
    });
  });
  done.catch(() => {}); // a test that fails before it waits for the end has told enough
  if (previous) upload.resumeFromPreviousUpload(previous);
  upload.start();
  return { upload, requests, done };
}

/** Uploads to the end. */
export async function complete(content, options) {
  const { upload, requests, done } = start(content, options);
  await done;
  return { url: upload.url, requests };
}

/** The requests as `POST 201`, `PATCH 204`, and so on: the course of an upload at a glance. */
export function course(requests) {
  return requests.map(({ method, status }) => `${method} ${status}`);
}

/** Aborts on Node, and waits until the aborted request is over, so that it cannot meet what follows. */
export async function abort({ upload, requests }) {
  const over = new Promise((resolve) => requests.at(-1).underlying().once('close', resolve));
  await upload.abort();
  await over;
}

/** Decodes an `Upload-Metadata` header. */
export function decodeMetadata(header) {
  return Object.fromEntries(
    header.split(',').map((pair) => {
      const [key, value = ''] = pair.split(' ');
      return [key, Buffer.from(value, 'base64').toString()];
    }),
  );
}
