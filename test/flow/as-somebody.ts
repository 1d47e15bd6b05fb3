/** Works with a toy project's store as another user, and prints what came of it: folder, what, config, shared store. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { toErrorInfo } from '../../lib/errors.ts';
import { buildGraph, type FlowEvent, gc, openStore, run, type Stage, verify } from '../../lib/flow/index.ts';

const [, , dir, what, config, shared] = process.argv;
const stages: Stage[] = [];
for (const name of ['numbers.ts', 'map.ts', 'total.ts']) {
  stages.push((await import(pathToFileURL(join(dir, name)).href)).default);
}
const user = Number(process.env.SOMEBODY);
process.setgroups?.([]);
process.setegid?.(user);
process.setgid?.(user);
process.setuid?.(user);

const store = openStore(join(dir, 'artifacts'), shared === '' ? {} : { shared });
const events: FlowEvent[] = [];
let said: object;
try {
  if (what === 'gc') said = { outcome: 'done', ...(await gc(store, { keepDays: 0, keepRuns: 0 })) };
  else if (what === 'verify') said = { outcome: 'done', ...(await verify(store)) };
  else {
    const graph = buildGraph(stages, JSON.parse(config), { seed: 0, root: dir });
    const result = await run(graph, store, { workers: 1, onEvent: (e) => events.push(e) });
    said = { ...result, ...result.failed[0]?.error };
  }
} catch (error) {
  said = { outcome: 'refused', ...toErrorInfo(error) };
}
const warnings = events.flatMap((e) => {
  if (e.type === 'warning') return [e.message];
  return e.type === 'target-started' ? [String(e.why)] : [];
});
process.stdout.write(JSON.stringify({ message: '', damage: [], ...said, warnings }));
process.exit();
