/** Runs the toy project in a folder: a process that tests can kill. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildGraph, openStore, run } from '../../lib/flow/index.ts';

const [dir, config] = process.argv.slice(2);
const load = async (name: string) => (await import(pathToFileURL(join(dir, name)).href)).default;
const stages = [await load('numbers.ts'), await load('map.ts'), await load('total.ts')];
const graph = buildGraph(stages, JSON.parse(config), { seed: 0, root: dir });
const { outcome, failed } = await run(graph, openStore(join(dir, 'artifacts')), {
  workers: 2,
  onEvent: () => {},
});
for (const { target, error } of failed) console.log(`${target}: ${error.message}`);
process.exitCode = outcome === 'done' ? 0 : 1;
