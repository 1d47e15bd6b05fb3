/**
 * What an action left in its scratch folder, as outputs: hashed, and refused where it cannot be kept. A store keeps
 * regular files under names that every file system and every language can hold; anything else is told with its place.
 */
import { createHash, randomBytes } from 'node:crypto';
import { copyFileSync, lstatSync, readdirSync, renameSync, type Stats } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationalError } from '../../errors.ts';
import { hashFile, hashFileSync } from '../keys/stat-cache.ts';
import type { OutputDeclaration } from '../stage.ts';
import type { Written } from '../store/record.ts';

/** A file of less is read at once: going back and forth costs more than it. */
const SMALL_BYTES = 1 << 20;
/** Names inside a folder may have so many bytes, with the folders above them: a published path is still one. */
const NAME_BYTES = 1000;

/** Hashes all declared outputs. Throws if one is not there that is not `optional`, is of the wrong type, or is not declared. */
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
    // Folders are made beforehand: one that is still empty was not written.
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

/** Hashes one file. */
export async function seal(path: string, kind: string): Promise<Written> {
  const { size: bytes, nlink } = lstatSync(path);
  if (nlink > 1) sever(path);
  const hash = bytes < SMALL_BYTES ? hashFileSync(path) : await hashFile(path);
  return { output: { kind, hash, bytes }, files: [{ path, hash }] };
}

/** A file with a second name elsewhere could be changed from there. */
function sever(path: string): void {
  const copy = `${path}.${randomBytes(6).toString('hex')}.copy`;
  copyFileSync(path, copy);
  renameSync(copy, path);
}

/** A folder becomes an object that lists its files by name and hash. */
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

/** The names of all files in a folder and below it. */
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
