/** The command line around three toy stages: nothing in it knows the study. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { start } from '../../../lib/cli/start.ts';
import type { Stage } from '../../../lib/flow/stage.ts';

await start(
  {
    name: 'toy',
    version: '1.2.3',
    about: 'Adds up numbers.',
    root: import.meta.dirname,
    async stages(): Promise<Stage[]> {
      const files = ['./numbers.ts', './scale.ts', './total.ts'];
      return Promise.all(files.map(async (file) => (await import(file)).default));
    },
    summary:
      async () =>
      async ({ folder, outputs }) => {
        if (!outputs.has('total.json')) return undefined;
        const total = Number(readFileSync(join(folder, 'total.json'), 'utf8'));
        return { text: `The total is ${total}.`, data: { total } };
      },
  },
  process.argv.slice(2),
);
