/**
 * Test of published names on the store's file system, before anything is computed. Names that no file system accepts are
 * rejected when the graph is built.
 */

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configError } from '../../errors.ts';
import { hintOf } from '../hints.ts';
import type { Store } from '../store/store.ts';

/** Target id and the names of its published outputs. */
export interface Publishing {
  readonly id: string;
  readonly publish: readonly { readonly name: string }[];
}

/**
 * Tests names that not every file system accepts on that of the store: long names, names that differ only in case or in the
 * encoding of accents, and names that some systems reserve for devices or truncate. Throws a config error for a name that
 * the file system rejects or does not distinguish from another.
 */
export function requireTakenNames(store: Store, targets: Iterable<Publishing>): void {
  const names = [...targets].flatMap(({ publish }) => publish.map(({ name }) => name));
  const folders = new Map<string, Set<string>>();
  for (const parts of names.map((name) => name.split('/'))) {
    for (const [depth, part] of parts.entries()) {
      const above = parts.slice(0, depth).join('/');
      folders.set(above, (folders.get(above) ?? new Set()).add(part));
    }
  }
  for (const [above, all] of folders) {
    const forms = Map.groupBy(all, (name) => name.normalize('NFC').toLowerCase());
    const doubtful = [...forms.values()].flatMap((same) =>
      same.length > 1 ? same : same.filter(isDoubtful),
    );
    if (doubtful.length > 0) tryNames(store, above, doubtful);
  }
}

const DEVICES = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

function isDoubtful(name: string): boolean {
  return Buffer.byteLength(name) > 100 || DEVICES.test(name) || /[. ]$|[<>:"|?*\\]|[^ -~]/.test(name);
}

function tryNames(store: Store, above: string, names: readonly string[]): void {
  const folder = store.scratch();
  try {
    // In folders as deep as the final ones: some systems limit the length of a whole path.
    mkdirSync(join(folder, above), { recursive: true });
    for (const name of names) {
      const path = above === '' ? name : `${above}/${name}`;
      try {
        writeFileSync(join(folder, path), '', { flag: 'wx' });
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EEXIST') throw notTaken(path, store.dir, 'does not tell it from another name', error);
        if (!['ENAMETOOLONG', 'EINVAL', 'ENOENT', 'EPERM', 'EACCES', 'EILSEQ'].includes(code ?? ''))
          throw error;
        throw notTaken(path, store.dir, `does not take it (${code})`, error);
      }
      if (!readdirSync(join(folder, above)).some((one) => one.normalize('NFC') === name.normalize('NFC')))
        throw notTaken(path, store.dir, 'gives it another name', undefined);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const notTaken = (name: string, dir: string, why: string, cause: unknown) =>
  configError(`no output can be published as ${name}: the file system of the store ${why}`, {
    where: dir,
    hint: hintOf('namesNotTaken'),
    cause,
  });
