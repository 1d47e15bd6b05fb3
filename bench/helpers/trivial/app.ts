/**
 * A project of many trivial actions, behind the command line's own code: `seed` writes a number, each `item[i]`
 * adds its own to it, `total` adds all up. So the time of a run is that of the framework.
 *
 *     node bench/helpers/trivial/app.ts run --config many.json     where many.json is {"actions": 1000}
 */
import { fileURLToPath } from 'node:url';
import { start } from '../../../lib/cli/start.ts';

await start(
  {
    name: 'trivial',
    version: '0',
    about: 'Does next to nothing, many times.',
    root: fileURLToPath(new URL('../../..', import.meta.url)),
    stages: async () => [
      (await import('./seed.ts')).default,
      (await import('./item.ts')).default,
      (await import('./total.ts')).default,
    ],
  },
  process.argv.slice(2),
);
