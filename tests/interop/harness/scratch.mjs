import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory that is removed at the end of the test `t`. */
export async function scratch(t) {
  const dir = await mkdtemp(join(tmpdir(), 'oxitus-interop-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}
