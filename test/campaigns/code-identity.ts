/**
 * Random graphs of modules (files, packages, workspaces, links, assets, nested node_modules, maps of exports) through
 * random edits (move, relink, republish, shadow, upgrade, delete): what an identity is remembered for must be what an
 * empty store finds out, and two states that Node makes something else of must have two identities.
 *
 *     node test/campaigns/code-identity.ts [--graphs 2000] [--edits 4] [--seed 1]
 *
 * A short form is part of the tests (test/flow/code-identity-random.test.ts).
 */
import { parseArgs } from 'node:util';
import { type Counts, checkGraphs } from './code/check.ts';

const { values } = parseArgs({
  options: {
    graphs: { type: 'string', default: '2000' },
    edits: { type: 'string', default: '4' },
    seed: { type: 'string', default: '1' },
  },
});
const BATCH = 25;
const first = Number(values.seed);
const graphs = Number(values.graphs);
const total: Counts = { graphs: 0, states: 0, refused: 0, failing: 0, changing: 0, idle: 0, idleKept: 0 };
let wrong = 0;
for (let done = 0; done < graphs; done += BATCH) {
  try {
    const counts = await checkGraphs(first + done, Math.min(BATCH, graphs - done), Number(values.edits));
    for (const key of Object.keys(total) as (keyof Counts)[]) total[key] += counts[key];
  } catch (error) {
    wrong++;
    console.log((error as Error).message);
  }
  if ((done / BATCH) % 10 === 9) tell();
}
tell();
process.exitCode = wrong === 0 ? 0 : 1;

function tell(): void {
  const { states, refused, failing, changing, idle, idleKept } = total;
  console.log(
    `${total.graphs} graphs (seeds from ${first}), ${states} states: ${failing} of which Node makes nothing, ${refused} refused; ` +
      `${changing} edits changed the value; of ${idle} that cannot, ${idleKept} kept the identity; ${wrong} batches wrong`,
  );
}
