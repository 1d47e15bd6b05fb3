/** `inspect`: what is in a data file, and a config that would fit it. */
import type { App } from '../app.ts';
import type { InspectOptions } from '../options.ts';
import { suggestFor } from '../suggest-config.ts';
import { out } from '../ui.ts';

export async function inspect(_app: App, file: string, options: InspectOptions): Promise<number> {
  if (options.config) {
    out((await suggestFor(file, options)).text.trimEnd());
    return 0;
  }
  const { inspectFile } = await import('../../formats/inspect.ts');
  const inspection = await inspectFile(file);
  if (options.json) out(JSON.stringify(inspection, null, 2));
  else {
    const { renderInspection } = await import('../../formats/inspect-render.ts');
    out(renderInspection(inspection).trimEnd());
  }
  return 0;
}
