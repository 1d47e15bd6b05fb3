/** The short form of test/campaigns/full-disk.ts: three points. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fillDisk, mountTmpfs, unmount } from '../campaigns/full-disk.ts';

test('a run on a disk that becomes full loses nothing, says why it ends, and goes on when there is room', async (t) => {
  const probe = mkdtempSync(join(tmpdir(), 'rankloom-mount-'));
  const problem = mountTmpfs(probe, 1 << 20);
  unmount(probe);
  rmSync(probe, { recursive: true, force: true });
  if (problem !== undefined) return t.skip(`needs to mount a tmpfs: ${problem}`);
  assert.ok((await fillDisk(3, Number(process.env.SEED ?? 1))) > 0);
});
