/** `inspect`: the content of a data file, and a config that would fit it. */
import { suggestFor } from '../../study/suggest-config.ts';
import type { App } from '../app.ts';
import type { InspectOptions } from '../options/options.ts';
import { out } from '../output/ui.ts';

export async function inspect(_app: App, file: string, options: InspectOptions): Promise<number> {
  if (options.config) {
    out((await suggestFor(file, options)).text.trimEnd());
    return 0;
  }
  const { inspectFile } = await import('../../data/inspect/inspect.ts');
  const inspection = await inspectFile(file);
  if (options.json) out(JSON.stringify(inspection, null, 2));
  else {
    const { renderInspection } = await import('../../data/inspect/render.ts');
    out(renderInspection(inspection).trimEnd());
  }
  return 0;
}
