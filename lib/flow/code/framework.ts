/** What is the framework's own code, written and checked with it, and what is code of others. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package that this file is part of, without a closing slash. */
const HOME = packageAbove(dirname(fileURLToPath(import.meta.url)));

/** Whether a file, by its path without links, is the framework's own: none of a package that it needs, and no study in its folder. */
export function isFramework(path: string): boolean {
  return path.startsWith(`${HOME}/lib/`) || path.startsWith(`${HOME}/stages/`);
}

function packageAbove(from: string): string {
  for (let folder = from; dirname(folder) !== folder; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
  }
  return from;
}
