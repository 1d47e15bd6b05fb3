/** The short form of test/campaigns/oracle.ts: some random projects; SEED=n begins with another. */
import { test } from 'node:test';
import { checkProject } from '../campaigns/oracle/check.ts';

const first = Number(process.env.SEED ?? 1);

for (const seed of [first, first + 1, first + 2]) {
  test(`random project ${seed}: every run gives what the model computes, and runs nothing else`, async (t) => {
    const { runs, kills, deletions, actions, allowed } = await checkProject(seed, 4);
    t.diagnostic(
      `SEED=${seed}: ${runs} runs, ${kills} kills, ${deletions} deletions; ${actions} actions of ${allowed} allowed`,
    );
  });
}
