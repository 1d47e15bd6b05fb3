/**
 * Recognition of stores. A store is marked by `store.json`, with the version of its layout; an older one without that file
 * is recognised by its structure. Any other folder belongs to the user, and nothing is created or removed there.
 */

import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type OperationalError, storeError, usageError } from '../../errors.ts';
import { denied } from '../../permission.ts';
import { writeFileAtomic } from '../files/durable.ts';
import { STORE_FORMAT } from '../fixed-names.ts';
import { hintOf } from '../hints.ts';
import { StoreLayout } from './layout.ts';

/** Version of the layout; raise it when earlier versions of the program could no longer maintain a store. */
const VERSION = 1;

export type Recognised =
  | { readonly state: 'store' }
  /** A store from before stores were marked. */
  | { readonly state: 'unmarked' }
  /** A missing folder, or one with only hidden files. */
  | { readonly state: 'empty' }
  | { readonly state: 'newer'; readonly version: number }
  /** Another folder; `found` are some of the names in it. */
  | { readonly state: 'foreign'; readonly found: readonly string[] };

export function recognise(dir: string): Recognised {
  const layout = new StoreLayout(dir);
  const marker = readMarker(layout);
  if (marker !== undefined) {
    return marker.version > VERSION ? { state: 'newer', version: marker.version } : { state: 'store' };
  }
  const names = namesIn(dir).filter((name) => !name.startsWith('.') && name !== 'lost+found');
  if (names.length === 0) return { state: 'empty' };
  if (hasShape(layout, names)) return { state: 'unmarked' };
  return { state: 'foreign', found: names.sort().slice(0, 3) };
}

/** Reads the marker of a store; undefined if the folder is not marked as one. */
function readMarker({ marker }: StoreLayout): { version: number; links: boolean } | undefined {
  try {
    const { format, version, links } = JSON.parse(readFileSync(marker, 'utf8'));
    return format === STORE_FORMAT && Number.isInteger(version)
      ? { version, links: links !== false }
      : undefined;
  } catch (error) {
    if (denied(error) !== undefined) throw error;
    return undefined; // missing, or another program's file
  }
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Whether a folder has the structure of a store: sharded objects and records, and a folder that only a run makes. */
function hasShape(
  { objects, actions, targets, runs, cache }: StoreLayout,
  names: readonly string[],
): boolean {
  const isSharded = (folder: string, file: RegExp) => {
    try {
      const shards = readdirSync(folder, { withFileTypes: true });
      const [first] = shards;
      if (!shards.every((shard) => shard.isDirectory() && /^[0-9a-f]{2}$/.test(shard.name))) return false;
      return first === undefined || readdirSync(join(folder, first.name)).every((one) => file.test(one));
    } catch {
      return false;
    }
  };
  const has = (path: string) => names.includes(basename(path));
  return (
    has(objects) &&
    has(actions) &&
    [targets, runs, cache].some(has) &&
    isSharded(objects, /^[0-9a-f]{64}(\.|$)/) &&
    isSharded(actions, /^[0-9a-f]{64}\.json(\.|$)/)
  );
}

/** Whether this store publishes outputs as symbolic links, and not as folders. */
export function usesLinks(layout: StoreLayout): boolean {
  return readMarker(layout)?.links ?? true;
}

/** Marks a folder as a store; see `usesLinks` for `links`. */
export function mark(layout: StoreLayout, { links = true } = {}): void {
  const marker = { format: STORE_FORMAT, version: VERSION, ...(links ? {} : { links }) };
  writeFileAtomic(layout.marker, `${JSON.stringify(marker)}\n`, {
    temporary: layout.hiddenFile(`${basename(layout.marker)}.${randomBytes(6).toString('hex')}.tmp`),
  });
}

/** Checks that a folder is a store. Throws a usage error if not, and a store error for a store of a later version. */
export function requireRecognised(dir: string): void {
  const found = recognise(dir);
  if (found.state === 'newer') throw newerStore(dir, found.version);
  if (found.state === 'foreign') throw notAStore(dir, found.found);
  if (found.state !== 'empty') return;
  throw usageError('there is no store', {
    where: dir,
    hint: hintOf('noStore'),
  });
}

export function newerStore(dir: string, version: number): OperationalError {
  return storeError(`the store ${dir} was made by a later version of ${hintOf('program')}`, {
    expected: `a store of version ${VERSION}, not ${version}`,
    where: new StoreLayout(dir).marker,
    hint: hintOf('newerStore'),
  });
}

/** Usage error for a folder with other files in it. */
export function notAStore(dir: string, found: readonly string[]): OperationalError {
  return usageError(`${dir} is no store: there are other things in it (${found.join(', ')}, …)`, {
    expected: 'a store, or a new or empty folder to make one in',
    where: dir,
    hint: hintOf('foreignFolder'),
  });
}
