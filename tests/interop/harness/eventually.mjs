import { setTimeout as sleep } from 'node:timers/promises';

const DEADLINE_MS = 30_000;

/** Asks again and again until `probe` gives something true, which is the result. */
export async function eventually(what, probe) {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const result = await probe();
    if (result) return result;
    if (Date.now() > deadline) throw new Error(`still not so: ${what}`);
    await sleep(10);
  }
}
