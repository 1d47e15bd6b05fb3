/**
 * Random projects of toy stages, through random edits (params, code, comments, inputs, renames), kills, configs that
 * come back and lost objects. After every step a run must give what an independent model computes, and may run nothing
 * but what the model finds missing; in the end a clean run must give the same bytes.
 *
 *     node test/campaigns/oracle.ts [--projects 1000] [--steps 5] [--seed 1] [--minutes n]
 *
 * A short form is part of the tests (test/flow/oracle.test.ts).
 */
import { parseArgs } from 'node:util';
import { type Counts, checkProject } from './oracle/check.ts';

const { values } = parseArgs({
  options: {
    projects: { type: 'string', default: '1000' },
    steps: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '600' },
  },
});
const first = Number(values.seed);
const end = performance.now() + 60_000 * Number(values.minutes);
const total: Counts = { runs: 0, kills: 0, deletions: 0, actions: 0, allowed: 0 };
let projects = 0;
let wrong = 0;
while (projects < Number(values.projects) && performance.now() < end) {
  try {
    const counts = await checkProject(first + projects, Number(values.steps));
    for (const key of Object.keys(total) as (keyof Counts)[]) total[key] += counts[key];
  } catch (error) {
    wrong++;
    console.log((error as Error).message);
  }
  projects++;
  if (projects % 50 === 0) tell();
}
tell();
process.exitCode = wrong === 0 ? 0 : 1;

function tell(): void {
  const { runs, kills, deletions, actions, allowed } = total;
  console.log(
    `${projects} projects (seeds ${first} to ${first + projects - 1}), ${runs} runs, ${kills} kills, ` +
      `${deletions} deletions; ${actions} actions run, ${allowed} in the minimal sets; ${wrong} wrong`,
  );
}
