/** `init`: writes a config to start from. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { usageError } from '../../errors.ts';
import { suggestFor } from '../../study/suggest-config.ts';
import type { App } from '../app.ts';
import type { InitOptions } from '../options/options.ts';
import { makeFolder, writingTo } from '../options/written.ts';
import { note, out, shownPath } from '../output/ui.ts';

export async function init(app: App, file: string | undefined, options: InitOptions): Promise<number> {
  const path = resolve(file ?? 'pipeline.config.ts');
  if (!/\.(ts|js|mjs)$/.test(path)) {
    throw usageError(`cannot write ${file}`, { expected: 'a name that ends in .ts, .js or .mjs' });
  }
  const { text, choices } =
    options.from === undefined
      ? { text: template(app), choices: [] }
      : await suggestFor(options.from, options, dirname(path));
  writingTo(shownPath(path), () => {
    makeFolder(dirname(path));
    try {
      writeFileSync(path, text, { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      throw usageError(`${shownPath(path)} exists already`, {
        hint: 'give another name, or remove the file first: a config is never overwritten',
      });
    }
  });
  if (options.json) out(JSON.stringify({ file: path }));
  else {
    const config = file === undefined ? '' : ` --config ${inShell(shownPath(path))}`;
    const fits = options.from === undefined ? '' : `, which fits ${options.from}`;
    note(
      `Wrote ${shownPath(path)}${fits}. Edit it to change the study; run it with: ${app.name} run${config}`,
    );
    for (const choice of choices) note(choice);
  }
  return 0;
}

/** Quotes a path so that it can be pasted into a shell. */
function inShell(path: string): string {
  return /^[\w./@%+=:,-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function template(app: App): string {
  if (app.template === undefined) throw usageError('there is no config to start from; use --from <file>');
  return readFileSync(app.template, 'utf8');
}
