// What the tests ask of the page, by `page.evaluate`. Content comes from the page's own origin,
// uploads go to the server's.

const TOLD = [
  'Location',
  'Upload-Offset',
  'Upload-Length',
  'Upload-Metadata',
  'Upload-Expires',
  'Tus-Max-Size',
  'Tus-Resumable',
];

/**
 * Uploads the content at `path`, as a file, or as a stream of unknown length. With `resume` it goes
 * on where an earlier upload ended; with `abortAfter` it ends after so many chunks.
 */
async function upload({ path, stream = false, resume = false, abortAfter = 0, options }) {
  const blob = await (await fetch(path)).blob();
  const input = stream
    ? blob.stream().getReader()
    : new File([blob], path, { type: 'text/plain', lastModified: 0 });
  const exchanges = [];
  return new Promise((resolve) => {
    const end = (result) => resolve({ url: upload.url, exchanges, ...result });
    let chunks = 0;
    const upload = new tus.Upload(input, {
      retryDelays: null,
      ...options,
      onAfterResponse(request, response) {
        const told = TOLD.map((name) => [name, response.getHeader(name)]);
        exchanges.push({
          request: `${request.getMethod()} ${response.getStatus()}`,
          told: Object.fromEntries(told.filter(([, value]) => value)),
        });
      },
      onChunkComplete() {
        chunks += 1;
        if (chunks === abortAfter) upload.abort().then(() => end({}));
      },
      onSuccess: () => end({}),
      onError: (error) =>
        end({ error: { status: error.originalResponse?.getStatus(), message: error.message } }),
    });
    if (!resume) return upload.start();
    upload.findPreviousUploads().then(([previous]) => {
      upload.resumeFromPreviousUpload(previous);
      upload.start();
    });
  });
}

/** Reads a URL of the other origin as a script does. */
async function download(url) {
  const answer = await fetch(url);
  const bytes = await answer.arrayBuffer();
  return {
    status: answer.status,
    length: bytes.byteLength,
    disposition: answer.headers.get('Content-Disposition'),
  };
}
