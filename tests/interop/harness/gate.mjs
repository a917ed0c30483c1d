// A source of bytes for tus-js-client (its `fileReader` option) that flows only as far and as fast
// as the test lets it. So a test can be sure that an upload is under way when it breaks something.

import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

import { KIB } from './content.mjs';

const PIECE = 64 * KIB;

export class Gate {
  #limit;
  #paceMs;
  #waiting = [];

  /** Holds back everything from the byte `limit` on; waits `paceMs` before each piece of 64 KiB. */
  constructor(limit, { paceMs = 0 } = {}) {
    this.#limit = limit;
    this.#paceMs = paceMs;
  }

  /** Lets the rest flow, or what is before the byte `limit`. */
  open(limit = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
    this.#waiting.splice(0).forEach((resolve) => resolve());
  }

  /** Reads a `Buffer` through this gate. */
  get fileReader() {
    return {
      openFile: async (content) => new GatedSource(content, (...range) => this.#flow(...range)),
    };
  }

  /** For `parallelUploads`: divides `whole` at once, and reads each part through this gate. */
  partFileReader(whole) {
    return {
      openFile: async (content) =>
        content === whole ? new Divided(whole) : this.fileReader.openFile(content),
    };
  }

  async *#flow(content, start, end) {
    while (start < end) {
      while (start >= this.#limit) {
        await new Promise((resolve) => this.#waiting.push(resolve));
      }
      if (this.#paceMs > 0) await sleep(this.#paceMs);
      const stop = Math.min(start + PIECE, end, this.#limit);
      yield content.subarray(start, stop);
      start = stop;
    }
  }
}

class GatedSource {
  #content;
  #flow;

  constructor(content, flow) {
    this.#content = content;
    this.#flow = flow;
    this.size = content.length;
  }

  async slice(start, end) {
    const stop = Math.min(end, this.size);
    const value = Readable.from(this.#flow(this.#content, start, stop), { objectMode: false });
    value.size = stop - start;
    return { value, done: stop >= this.size };
  }

  close() {}
}

class Divided {
  #whole;

  constructor(whole) {
    this.#whole = whole;
    this.size = whole.length;
  }

  async slice(start, end) {
    return { value: this.#whole.subarray(start, end), done: end >= this.size };
  }

  close() {}
}
