/**
 * A small disk that becomes full at twenty different points of a run: a tmpfs as `artifacts/`, with room for what
 * was there before and a little more. What was committed survives, the message tells what is wrong and how much is
 * missing, the store is whole, and after room is made the run goes on from where it was. Needs to be root.
 *
 *     SEED=1 node test/campaigns/full-disk.ts [points]
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { verify } from '../../lib/flow/index.ts';
import { randomSource } from '../../lib/flow/random.ts';
import { filesIn } from '../flow/crash-support.ts';
import { ToyProject } from '../flow/toy-project.ts';

/** Undefined if it worked, else why not. */
export function mountTmpfs(dir: string, bytes: number): string | undefined {
  mkdirSync(dir, { recursive: true });
  const { status, stderr, error } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', dir]);
  return status === 0 ? undefined : (error?.message ?? String(stderr).trim());
}

const resize = (dir: string, bytes: number) =>
  execFileSync('mount', ['-o', `remount,size=${bytes}`, 'tmpfs', dir]);
export const unmount = (dir: string) => spawnSync('umount', ['-l', dir]);

/** Fills a disk at some points between nothing and what a run needs. Returns how many runs were refused room. */
export async function fillDisk(points: number, seed: number): Promise<number> {
  const toys = await ToyProject.create();
  toys.config = { count: 3000, maps: { one: { times: 1 }, two: { times: 2, noise: true } } };
  const reference = await toys.cleanCopy();
  await reference.run();
  const stream = randomSource(seed, 'full-disk').stream('points');
  const dir = join(toys.dir, 'artifacts');
  let refused = 0;
  try {
    const needed = bytesOf(reference);
    for (let i = 0; i < points; i++) {
      // A page for each file and folder is the least that a tmpfs takes.
      const size =
        4096 * (24 + Math.floor((0.65 * (needed / 4096) * (i + stream.int(1000) / 1000)) / points));
      const label = `SEED=${seed}, ${size} bytes`;
      const problem = mountTmpfs(dir, size);
      assert.equal(problem, undefined, label);
      const result = await toys.run().catch((error) => ({ outcome: 'thrown', failed: [{ error }] }));
      const committed = filesIn(dir, 'actions').length;
      if (result.outcome !== 'done') {
        refused++;
        const { message, code } = result.failed[0].error as { message: string; code?: string };
        assert.ok(
          code === 'ENOSPC' || /disk is full|not enough room|ENOSPC/.test(message),
          `${label}: ${message}`,
        );
      }
      const damage = (await verify(toys.store, { dryRun: true })).damage;
      assert.deepEqual(damage, [], `${label}: nothing is damaged by it`);
      resize(dir, 64 << 20);
      const after = await toys.run();
      assert.equal(after.outcome, 'done', label);
      assert.deepEqual(toys.hashes(), reference.hashes(), label);
      const all = filesIn(join(reference.dir, 'artifacts'), 'actions').length;
      assert.equal(after.actionsRun.length, all - committed, `${label}: what was committed survived`);
      assert.deepEqual((await verify(toys.store)).damage, [], label);
      unmount(dir);
    }
  } finally {
    unmount(dir);
    toys.remove();
    reference.remove();
  }
  return refused;
}

/** What a store takes on a disk of pages. */
function bytesOf(toys: ToyProject): number {
  const text = execFileSync('du', ['-s', '--block-size=1', join(toys.dir, 'artifacts')], {
    encoding: 'utf8',
  });
  return Number.parseInt(text, 10);
}

if (process.argv[1] === import.meta.filename) {
  const points = Number(process.argv[2] ?? 20);
  const seed = Number(process.env.SEED ?? 1);
  const refused = await fillDisk(points, seed);
  console.log(
    `SEED=${seed}: ${points} sizes of the disk, ${refused} of them too small; all went on with more room`,
  );
}
