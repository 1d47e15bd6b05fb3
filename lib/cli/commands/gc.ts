/** `gc`: drops everything that no run in use needs. */
import { EXIT } from '../../errors.ts';
import { findRun, gc } from '../../flow/index.ts';
import type { App } from '../app.ts';
import type { GcCommandOptions } from '../options/options.ts';
import { note, out } from '../output/ui.ts';
import { bytes, count } from '../output/units.ts';
import { openExistingStore } from '../session/session.ts';

export async function collectGarbage(_app: App, options: GcCommandOptions): Promise<number> {
  const store = await openExistingStore(options);
  const { keepRuns, keep, dryRun, olderThan, maxSize } = options;
  const result = await gc(store, {
    keepRuns,
    keepDays: olderThan ?? options.keepDays,
    keepRunDays: olderThan,
    keep: keep.map((run) => findRun(store, run).id),
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
      note(`What targets had last and studies show is ${bytes(result.overBytes)} more than --max-size.`);
  }
  return EXIT.done;
}
