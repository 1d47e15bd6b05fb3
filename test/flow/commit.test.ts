/** Two actions may give the same bytes at the same moment: their object must never be missing. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ActionRecord, Written } from '../../lib/flow/store/record.ts';
import { Store } from '../../lib/flow/store/store.ts';

const hashOf = (n: number) =>
  createHash('sha256').update(`${n}`).digest('hex') as Written['output']['hash'] & ActionRecord['key'];
const recordOf = (n: number) => ({ schema: 1, key: hashOf(n), outputs: {} }) as unknown as ActionRecord;

test('an object that two actions commit at once is there as soon as either has it', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'rankloom-commit-'));
  const store = new Store(dir);
  store.prepare();
  let missing = 0;
  for (let round = 0; round < 60; round++) {
    const hash = hashOf(round);
    const commits = [1, 2, 3].map(async (who) => {
      const path = join(await store.scratch(), 'plan');
      writeFileSync(path, `${round}`);
      const output = { kind: 'plan', hash, bytes: `${round}`.length };
      await store.commit(recordOf(3 * round + who), [{ output, files: [{ path, hash }] }]);
      // What an action has committed is read at once by the next, while the others are still at it.
      for (let look = 0; look < 20; look++) {
        if (!existsSync(store.objectPath(hash))) missing++;
        await new Promise(setImmediate);
      }
    });
    await Promise.all(commits);
  }
  rmSync(dir, { recursive: true });
  assert.equal(missing, 0);
});
