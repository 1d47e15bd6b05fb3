/** Kind of a folder of files, such as figures. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Kind } from '../stage.ts';

/** Folder of files as an input of a stage. */
export interface FilesInput {
  readonly kind: 'files';
  /** Names of all files, sorted by code units, with `/` between folders. */
  list(): Promise<string[]>;
  read(name: string): Promise<Uint8Array>;
}

/** Folder of files as an output of a stage. */
export interface FilesOutput {
  /** Writes a file and creates its parent folders. Throws for a name that is not relative or leads out of the folder. */
  write(name: string, content: string | Uint8Array): Promise<void>;
}

/** Kind of a folder of files. Names are relative, with `/` between folders. */
export function files(): Kind<'files', FilesInput, FilesOutput> & { folder: true } {
  return {
    name: 'files',
    folder: true,
    input: (path) => ({
      kind: 'files',
      list: () => listFiles(path),
      read: async (name) => await readFile(join(path, checkName(name))),
    }),
    output: (path) => ({
      async write(name, content) {
        const file = join(path, checkName(name));
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, content);
      },
    }),
  };
}

async function listFiles(folder: string, prefix = ''): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
    const name = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) names.push(...(await listFiles(folder, name)));
    else names.push(name);
  }
  return names.sort();
}

/** Returns a valid name unchanged; throws for one that leads out of the folder or is not portable. */
function checkName(name: string): string {
  const parts = name.split('/');
  if (/[\\:\0]/.test(name) || parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw new Error(`"${name}" is not a relative file name such as "joint.svg" or "small/joint.svg"`);
  }
  return name;
}
