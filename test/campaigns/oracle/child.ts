/** Runs a project, telling of each action that is done: a process that is to be killed. */
import { readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openStore, run } from '../../../lib/flow/index.ts';
import { graphOf } from './project.ts';

const [dir] = process.argv.slice(2);
const graph = graphOf(dir, JSON.parse(readFileSync(join(dir, 'spec.json'), 'utf8')));
await run(graph, openStore(join(dir, 'artifacts')), {
  workers: 2,
  onEvent: (event) => {
    if (event.type === 'action-started' || event.type === 'action-finished')
      writeSync(1, `${JSON.stringify([event.type, event.target, event.action])}\n`);
  },
});
