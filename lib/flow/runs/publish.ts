/**
 * Readable names for current outputs: each run has a folder with links to its outputs, which `latest` and other names show.
 * See published-folder.ts for how they do, and studies.ts for the names.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder, syncFolder, writeFileAtomic } from '../files/durable.ts';
import { linkFile } from '../files/link-file.ts';
import { shownRecord } from '../store/layout.ts';
import type { StoredOutput } from '../store/record.ts';
import type { Store } from '../store/store.ts';
import { show, shownFolder } from './published-folder.ts';
import { readManifestFile } from './run-files.ts';
import { mendShown, rememberShown, shownFiles, showsAll } from './shown.ts';

/** Name under `latest/` → output. */
export type Published = ReadonlyMap<string, StoredOutput>;

/** Whether a path in the store (`latest`, or one of a study) shows exactly these outputs. */
export function isPublished(store: Store, path: string, outputs: Published): boolean {
  const folder = shownFolder(store, path);
  const read = folder === undefined ? undefined : readManifestFile(shownRecord(folder));
  if (folder === undefined || read?.state !== 'whole') return false;
  const { published = {} } = read.manifest;
  const names = Object.keys(published);
  if (names.length !== outputs.size || names.some((n) => outputs.get(n)?.hash !== published[n].hash))
    return false;
  return showsAll(folder, shownFiles(store, Object.fromEntries(entriesOf(outputs)), folder));
}

/**
 * Repairs user changes under the paths that show outputs. Returns messages about them. Call it before any decision.
 */
export async function mendPublished(store: Store, paths: readonly string[]): Promise<string[]> {
  const folders = new Set(paths.map((path) => shownFolder(store, path)));
  const words: string[] = [];
  for (const folder of folders) if (folder !== undefined) words.push(...(await mendShown(store, folder)));
  return words;
}

/** Writes the manifest and the output links of a run; `pointAt` then shows them. */
export function publish(store: Store, run: string, outputs: Published, manifest: object): void {
  // Temporary name in tmp/ until the folder is complete: leftovers of a killed process are recognised there.
  const temporary = store.temporary();
  mkdirSync(temporary);
  for (const [name, output] of outputs) link(store, output, join(temporary, name));
  const published = Object.fromEntries(entriesOf(outputs));
  writeManifest(store, run, { ...manifest, published });
  const { folder, manifest: file, outputs: place } = store.layout.run(run);
  linkFile(file, shownRecord(temporary));
  syncFolders(temporary);
  renameSync(temporary, place);
  syncFolder(folder);
  rememberShown(
    store,
    place,
    shownFiles(store, published, place).map(({ name }) => name),
  );
}

/**
 * Makes a path in the store (`latest`, or one of a study) show the outputs of a run. Returns messages about user files that
 * were moved out of the way.
 */
export function pointAt(store: Store, path: string, run: string): string[] {
  makeFolder(dirname(path));
  return show(store, path, store.layout.run(run).outputs);
}

function entriesOf(outputs: Published) {
  return [...outputs].map(([name, { kind, hash, bytes, files }]) => {
    return [name, { kind, hash, bytes, folder: files !== undefined }] as const;
  });
}

function syncFolders(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) syncFolders(join(folder, entry.name));
  }
  syncFolder(folder);
}

export function writeManifest(store: Store, run: string, manifest: object): void {
  writeFileAtomic(store.layout.run(run).manifest, `${JSON.stringify(manifest, null, 2)}\n`);
}

function link(store: Store, output: StoredOutput, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  if (output.files === undefined) {
    linkFile(store.objectPath(output.hash), path);
    return;
  }
  mkdirSync(path, { recursive: true });
  for (const [name, file] of Object.entries(output.files)) {
    link(store, { kind: output.kind, ...file }, join(path, name));
  }
}

/** Path of a folder view of a stored folder: links to its objects under the names of its files. Creates it if needed. */
export function folderView(store: Store, output: StoredOutput): string {
  const view = store.layout.view(`${output.hash}-${inodesOf(store, output)}`);
  if (existsSync(view)) return view;
  const temporary = store.temporary();
  link(store, output, join(temporary, 'view'));
  makeFolder(dirname(view));
  try {
    renameSync(join(temporary, 'view'), view);
  } catch (error) {
    if (!existsSync(view)) throw error; // else another process was quicker
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return view;
}

/** Hash of the inodes of a folder's objects, so that a remade object gets a new view; an old view links the damaged one. */
function inodesOf(store: Store, { files = {} }: StoredOutput): string {
  const hash = createHash('sha256');
  for (const { hash: object } of Object.values(files)) {
    const { dev, ino } = statSync(store.objectPath(object), { bigint: true });
    hash.update(`${dev} ${ino}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}
