/** Distinction between the framework's own code, written and checked with it, and all other code. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the package that contains this file, without a trailing slash. */
const HOME = packageAbove(dirname(fileURLToPath(import.meta.url)));

/** Folders of the framework's code, and of the packages that are installed with it. */
export const FRAMEWORK_FOLDERS: readonly string[] = ['lib', 'stages', 'node_modules'].map(
  (name) => `${HOME}/${name}`,
);

/** Whether a real path is a framework file; false for packages it depends on and for studies in its folder. */
export function isFramework(path: string): boolean {
  return path.startsWith(`${HOME}/lib/`) || path.startsWith(`${HOME}/stages/`);
}

function packageAbove(from: string): string {
  for (let folder = from; dirname(folder) !== folder; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
  }
  return from;
}
