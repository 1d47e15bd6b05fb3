/** `gc`: drops what no run in use needs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, usageError } from '../../errors.ts';
import { gc } from '../../flow/index.ts';
import type { App } from '../app.ts';
import type { GcCommandOptions } from '../options.ts';
import { openExistingStore } from '../session.ts';
import { note, out } from '../ui.ts';
import { bytes, count } from '../units.ts';

export async function collectGarbage(_app: App, options: GcCommandOptions): Promise<number> {
  const store = await openExistingStore(options);
  const { keepRuns, keep, dryRun, olderThan, maxSize } = options;
  requireRuns(store.dir, keep);
  const result = await gc(store, {
    keepRuns,
    keepDays: olderThan ?? options.keepDays,
    keepRunDays: olderThan,
    keep,
    maxBytes: maxSize,
    dryRun,
  });
  if (options.json) out(JSON.stringify(result, null, 2));
  else {
    const what = [
      count(result.objects, 'object'),
      count(result.records, 'record'),
      count(result.runs.length, 'run'),
      ...(result.texts > 0 ? [`the code of ${count(result.texts, 'module')}`] : []),
    ];
    out(
      `${dryRun ? 'Would drop' : 'Dropped'} ${what.join(', ')}: ${bytes(result.bytes)}. ${bytes(result.keptBytes)} stay.`,
    );
    for (const path of result.aside) note(`Not made by a run, and kept: ${path}`);
    if (result.overBytes > 0)
      note(`What targets and the latest outputs need is ${bytes(result.overBytes)} more than --max-size.`);
  }
  return EXIT.done;
}

function requireRuns(store: string, runs: readonly string[]): void {
  const missing = runs.find((run) => !existsSync(join(store, 'runs', run)));
  if (missing === undefined) return;
  throw usageError(`no run ${missing}`, { where: join(store, 'runs'), expected: 'the name of a run' });
}
