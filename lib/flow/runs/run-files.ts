/**
 * Files of a run, validated when read: runs/<id>/manifest.json, and the lists of folders among the objects. The checks are
 * hand-written, because loading a schema library would take longer than the whole `runs` command.
 */

import { readFileSync } from 'node:fs';
import { dataError } from '../../errors.ts';
import { denied } from '../../permission.ts';
import { hintOf } from '../hints.ts';
import type { ContentHash } from '../keys/key.ts';
import type { StoreLayout } from '../store/layout.ts';
import { isHash, isObject, isOutput } from '../store/stored-json.ts';
import type { RunManifest } from './run-manifest.ts';

/** Run id: the start time of the run, and six random hex digits. */
export const RUN_ID = /^(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2})-(\d{3})Z-[0-9a-f]{6}$/;

export const isRunId = (name: string) => RUN_ID.test(name);

export type ReadManifest =
  | { readonly state: 'whole'; readonly manifest: RunManifest }
  | { readonly state: 'absent' }
  | { readonly state: 'damaged'; readonly file: string; readonly detail: string };

export function readManifest(layout: StoreLayout, id: string): ReadManifest {
  return readManifestFile(layout.run(id).manifest);
}

/** Reads the manifest of a run from a file, which may be its published run.json. */
export function readManifestFile(file: string): ReadManifest {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { state: 'absent' };
    return { state: 'damaged', file, detail: `cannot be read: ${denied(error)?.message ?? message}` };
  }
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    return { state: 'damaged', file, detail: `is no JSON: ${(error as Error).message}` };
  }
  const wrong = problemOfManifest(found);
  if (wrong !== undefined) return { state: 'damaged', file, detail: wrong };
  return { state: 'whole', manifest: found as RunManifest };
}

/** Describes the first invalid member of a manifest; undefined if the manifest is valid. */
function problemOfManifest(found: unknown): string | undefined {
  if (!isObject(found)) return 'is no object';
  if (typeof found.run !== 'string') return 'names no run';
  if (typeof found.outcome !== 'string') return 'has no outcome';
  if (typeof found.durationMs !== 'number') return 'has no durationMs';
  if (!Array.isArray(found.failed) || !found.failed.every((f) => isObject(f) && isObject(f.error)))
    return 'has no list of what failed';
  if (!Array.isArray(found.blocked)) return 'has no list of what was blocked';
  if (!isObject(found.targets)) return 'has no targets';
  for (const [id, target] of Object.entries(found.targets)) {
    if (!isObject(target) || !isHash(target.key)) return `names no key for ${id}`;
    if (typeof target.state !== 'string') return `says nothing of ${id}`;
    if (!isObject(target.outputs) || !Object.values(target.outputs).every(isOutput))
      return `does not say what ${id} wrote`;
    const { inputs = {} } = target; // earlier versions did not record inputs
    if (!isObject(inputs) || !Object.values(inputs).every(Array.isArray))
      return `does not say what ${id} read`;
  }
  if (found.published === undefined) return undefined;
  if (!isObject(found.published)) return 'has no list of what it published';
  const wrong = Object.entries(found.published).find(([, output]) => !isOutput(output));
  return wrong === undefined ? undefined : `does not say what ${wrong[0]} is`;
}

/** File of an output that is a folder. */
export interface ListedFile {
  /** Name with its parent folders, separated by `/`. */
  readonly name: string;
  readonly hash: ContentHash;
  readonly bytes: number;
}

/**
 * Reads the file list of a folder from its object. Throws a data error that names the object if it is no such list, or if a
 * name would lead out of the folder.
 */
export function readListing(path: string): ListedFile[] {
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw damaged(path, denied(error)?.message ?? (error as Error).message);
  }
  if (!Array.isArray(found)) throw damaged(path, 'it is no list');
  for (const file of found) {
    if (!isObject(file) || typeof file.name !== 'string' || !isOutput(file))
      throw damaged(path, 'it lists what is no file');
    if (file.name.split('/').some((part) => ['', '.', '..'].includes(part)))
      throw damaged(path, `it names ${JSON.stringify(file.name)}`);
  }
  return found as ListedFile[];
}

const damaged = (path: string, detail: string) =>
  dataError(`the list of a folder's files in the store is damaged: ${detail}`, {
    expected: 'a list of names, hashes and sizes',
    where: path,
    hint: hintOf('damagedOutput'),
  });
