/** `gc`: drops what no run in use needs. */
import { EXIT } from '../../errors.ts';
import { gc } from '../../flow/index.ts';
import type { App } from '../app.ts';
import type { GcCommandOptions } from '../options.ts';
import { openExistingStore } from '../session.ts';
import { out } from '../ui.ts';
import { bytes, count } from '../units.ts';

export async function collectGarbage(_app: App, options: GcCommandOptions): Promise<number> {
  const store = await openExistingStore(options);
  const { keepRuns, keepDays, dryRun } = options;
  const result = await gc(store, { keepRuns, keepDays, dryRun });
  if (options.json) out(JSON.stringify(result, null, 2));
  else {
    const what = [
      count(result.objects, 'object'),
      count(result.records, 'record'),
      count(result.runs.length, 'run'),
    ];
    out(
      `${dryRun ? 'Would drop' : 'Dropped'} ${what.join(', ')}: ${bytes(result.bytes)}. ${bytes(result.keptBytes)} stay.`,
    );
  }
  return EXIT.done;
}
