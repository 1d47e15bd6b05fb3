/** A config that fits a data file, for `inspect --config` and `init --from`. */
import { isAbsolute, relative, resolve } from 'node:path';

export interface SuggestOptions {
  readonly label?: string;
  readonly batch?: string;
}

/**
 * The text of a config in TypeScript, JavaScript and JSON5 alike.
 *
 * @param folder where the config is to lie: its paths count from there
 */
export async function suggestFor(
  file: string,
  { label, batch }: SuggestOptions,
  folder: string = process.cwd(),
): Promise<{ text: string }> {
  const { inspectFile } = await import('../formats/inspect.ts');
  const { suggestedConfigText } = await import('../formats/inspect-render.ts');
  const inspection = await inspectFile(file, { label, batch });
  const path = relative(folder, resolve(file));
  const source = path.startsWith('..') || isAbsolute(path) ? resolve(file) : path;
  return { text: suggestedConfigText({ ...inspection, path: source }) };
}
