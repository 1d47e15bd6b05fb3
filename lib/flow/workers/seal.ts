/**
 * Sealing of an action's outputs: checks and hashes the files in its scratch folder. A store accepts only regular files with
 * names that every file system and language can represent; anything else is an error with its location.
 */
import { createHash, randomBytes } from 'node:crypto';
import { copyFileSync, lstatSync, readdirSync, renameSync, type Stats } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationalError } from '../../errors.ts';
import { hashFile, hashFileSync } from '../keys/stat-cache.ts';
import type { OutputDeclaration } from '../stage.ts';
import type { Written } from '../store/record.ts';

/** Size below which a file is hashed synchronously, which is faster than asynchronous reads. */
const SMALL_BYTES = 1 << 20;
/** Maximum bytes of a name inside a folder, including parent folders, so that its published path is valid. */
const NAME_BYTES = 1000;

/** Hashes all outputs. Throws an `impure` error for a missing non-`optional` output, a wrong type, or an undeclared one. */
export async function sealAll(
  declared: Readonly<Record<string, OutputDeclaration>>,
  optional: readonly string[],
  scratch: string,
  stage: string,
): Promise<Record<string, Written>> {
  const written: Record<string, Written> = {};
  const other = readdirSync(scratch).find((name) => !Object.hasOwn(declared, name));
  if (other !== undefined) {
    throw new OperationalError(
      'impure',
      `stage ${stage} wrote ${other}, which it does not declare as an output`,
    );
  }
  for (const [slot, { kind }] of Object.entries(declared)) {
    const path = join(scratch, slot);
    const found = lstatSync(path, { throwIfNoEntry: false });
    // Folders are created beforehand: one that is still empty was not written.
    const isEmpty = kind.folder === true && found?.isDirectory() && readdirSync(path).length === 0;
    if ((found === undefined || isEmpty) && optional.includes(slot)) continue;
    if (found === undefined) {
      throw new OperationalError('impure', `stage ${stage} did not write its output ${slot}`);
    }
    const what = typeOf(found);
    const wanted = kind.folder ? 'folder' : 'file';
    if (what !== wanted)
      throw refused(`stage ${stage} left a ${what} as its output ${slot}`, `a ${wanted}`, slot);
    written[slot] = kind.folder
      ? await sealFolder(path, kind.name, stage, slot)
      : await seal(path, kind.name);
  }
  return written;
}

/** Hashes one output file. */
export async function seal(path: string, kind: string): Promise<Written> {
  const { size: bytes, nlink } = lstatSync(path);
  if (nlink > 1) sever(path);
  const hash = bytes < SMALL_BYTES ? hashFileSync(path) : await hashFile(path);
  return { output: { kind, hash, bytes }, files: [{ path, hash }] };
}

/** Replaces a file by a copy, because it could be changed through its other hard links. */
function sever(path: string): void {
  const copy = `${path}.${randomBytes(6).toString('hex')}.copy`;
  copyFileSync(path, copy);
  renameSync(copy, path);
}

/** Hashes a folder: an object that lists its files by name and hash. */
async function sealFolder(path: string, kind: string, stage: string, slot: string): Promise<Written> {
  const files: Record<string, Written['output']> = {};
  const moved: Written['files'][number][] = [];
  const names = [
    ...walk(path, '', (what, expected, name) => {
      throw refused(`stage ${stage} left ${what} in its output ${slot}`, expected, `${slot}/${name}`);
    }),
  ].sort();
  for (const name of names) {
    const { output, files: sealed } = await seal(join(path, name), kind);
    Object.defineProperty(files, name, { value: output, enumerable: true }); // also one called __proto__
    moved.push(...sealed);
  }
  const listing = JSON.stringify(
    Object.entries(files).map(([name, { hash, bytes }]) => ({ name, hash, bytes })),
  );
  const listFile = `${path}.listing`;
  await writeFile(listFile, listing);
  const hash = createHash('sha256').update(listing).digest('hex') as Written['output']['hash'];
  const output = { kind, hash, bytes: Buffer.byteLength(listing), files };
  return { output, files: [...moved, { path: listFile, hash }] };
}

/** Names of all files below a folder. */
function* walk(
  folder: string,
  above: string,
  refuse: (what: string, expected: string, name: string) => never,
): Iterable<string> {
  const entries = readdirSync(join(folder, above), { encoding: 'buffer' });
  if (entries.length === 0 && above !== '') {
    refuse('an empty folder', 'folders with files in them: a folder is kept by its files', above);
  }
  for (const entry of entries) {
    const text = entry.toString('utf8');
    const name = above === '' ? text : `${above}/${text}`;
    if (!Buffer.from(text, 'utf8').equals(entry)) refuse('a name that is not UTF-8', 'names in UTF-8', name);
    if (Buffer.byteLength(name) > NAME_BYTES) {
      refuse(`a name of ${Buffer.byteLength(name)} bytes`, `at most ${NAME_BYTES}, folders included`, name);
    }
    const what = typeOf(lstatSync(join(folder, name)));
    if (what === 'folder') yield* walk(folder, name, refuse);
    else if (what === 'file') yield name;
    else refuse(`a ${what}`, 'regular files', name);
  }
}

function typeOf(found: Stats): string {
  if (found.isFile()) return 'file';
  if (found.isDirectory()) return 'folder';
  if (found.isSymbolicLink()) return 'symbolic link';
  if (found.isSocket()) return 'socket';
  return found.isFIFO() ? 'named pipe' : 'device';
}

const refused = (message: string, expected: string, where: string) =>
  new OperationalError('impure', message, {
    expected,
    where,
    hint: "the stage's code must write the file itself: what it only points to could change later",
  });
