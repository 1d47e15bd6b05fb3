/**
 * Every call by which a commit and a whole run change the store, and what happens if the process is killed just
 * before it, or if the disk takes no more from it on. After each: the next run ends with the bytes of an
 * undisturbed one, makes nothing again that was committed, and `verify` finds nothing.
 *
 *     node test/campaigns/faults.ts [only every n-th call] [kinds, such as kill,ENOSPC]
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitOnce } from '../flow/commit-once.ts';
import { forget, requireCommit, requireRecovery, toyArguments, withFault } from '../flow/crash-support.ts';
import { ToyProject } from '../flow/toy-project.ts';

const step = Number(process.argv[2] ?? 1);
const kinds = (process.argv[3] ?? 'kill,ENOSPC,EDQUOT').split(',');

/** Tries calls 1, 1 + step, … until the process comes to its end without meeting one. Returns how many it met. */
async function everyCall(name: string, tryCall: (at: number) => Promise<boolean>): Promise<void> {
  let met = 0;
  for (let at = 1; await tryCall(at); at += step) met++;
  console.log(`${name}: ${met} calls, all recovered`);
  assert.ok(met > 20);
}

const home = mkdtempSync(join(tmpdir(), 'rankloom-campaign-'));
const commit = join(home, 'reference');
await commitOnce(commit);
for (const kind of kinds) {
  await everyCall(`one commit, ${kind}`, async (at) => {
    const dir = join(home, `${kind}-${at}`);
    const { code, output } = await withFault('./commit-once.ts', [dir], { dir, at, kind });
    await commitOnce(dir);
    await requireCommit(dir, commit, `${kind} at call ${at}`);
    rmSync(dir, { recursive: true });
    if (kind !== 'kill' && code !== 0) assert.match(output, new RegExp(kind));
    return code !== 0;
  });
}

const toys = await ToyProject.create();
const reference = await toys.cleanCopy();
await reference.run();
for (const kind of kinds) {
  let passed = 0;
  await everyCall(`whole runs, ${kind}`, async (at) => {
    const dir = join(toys.dir, 'artifacts');
    const { code, output } = await withFault('./run-toys.ts', toyArguments(toys), { dir, at, kind });
    await requireRecovery(toys, reference, `${kind} at call ${at}`);
    forget(toys);
    if (kind !== 'kill' && code !== 0)
      assert.match(output, /disk is full|quota is used up|ENOSPC|EDQUOT/, `${at}`);
    // The last words of a run (what was learned about files) may be refused without harm.
    passed = code === 0 ? passed + 1 : 0;
    return passed < 12;
  });
}
toys.remove();
reference.remove();
rmSync(home, { recursive: true });
