import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';

export const KIB = 1024;
export const MIB = 1024 * KIB;

/** Bytes that look random, so that no piece of them can be mistaken for another; the same on each call. */
export function sample(size, seed = 0) {
  const key = Buffer.alloc(16, seed);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

/** Expects the same bytes, and names the first that differs instead of printing them all. */
export function assertSame(actual, expected, what) {
  assert.equal(actual.length, expected.length, `the length of ${what}`);
  if (actual.equals(expected)) return;
  const position = expected.findIndex((byte, index) => byte !== actual[index]);
  assert.fail(`${what} differs at byte ${position}`);
}
