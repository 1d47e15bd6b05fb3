/**
 * Human names for current outputs: `latest` is a link to a folder of links, and is replaced in one rename, so
 * that nobody ever sees the outputs of two configs side by side.
 */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder, replace, syncFile, syncFolder, writeFileAtomic } from './durable.ts';
import type { Store, StoredOutput } from './store.ts';

/** Name under `latest/` → output. */
export type Published = ReadonlyMap<string, StoredOutput>;

/** True if `latest` shows just these outputs already. */
export function isPublished(store: Store, outputs: Published): boolean {
  try {
    const { published } = JSON.parse(readFileSync(join(store.dir, 'latest', 'run.json'), 'utf8'));
    const names = Object.keys(published);
    if (names.length !== outputs.size) return false;
    return names.every(
      (n) => outputs.get(n)?.hash === published[n].hash && isThere(store, n, outputs.get(n)!),
    );
  } catch {
    return false;
  }
}

/** Whether a name under `latest/` still shows its output: people delete things. */
function isThere(store: Store, name: string, output: StoredOutput): boolean {
  const files = output.files === undefined ? { '': output } : output.files;
  return Object.entries(files).every(([file, { bytes }]) => {
    return statSync(join(store.dir, 'latest', name, file)).size === bytes;
  });
}

/** Writes the manifest and the links of a run, and points `latest` at them. */
export function publish(store: Store, run: string, outputs: Published, manifest: object): void {
  const folder = join(store.dir, 'runs', run, 'outputs');
  makeFolder(folder);
  for (const [name, output] of outputs) link(store, output, join(folder, name));
  const published = Object.fromEntries(
    [...outputs].map(([name, { kind, hash, bytes }]) => [name, { kind, hash, bytes }]),
  );
  writeManifest(store, run, { ...manifest, published });
  linkFile(join(folder, '..', 'manifest.json'), join(folder, 'run.json'));
  syncFolders(folder);
  const temporary = store.temporary();
  symlinkSync(join('runs', run, 'outputs'), temporary); // relative to where it is going, not to tmp/
  replace(temporary, join(store.dir, 'latest')); // a copy of a store may have a folder there
  syncFolder(store.dir);
}

function syncFolders(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) syncFolders(join(folder, entry.name));
  }
  syncFolder(folder);
}

export function writeManifest(store: Store, run: string, manifest: object): void {
  writeFileAtomic(join(store.dir, 'runs', run, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

function link(store: Store, output: StoredOutput, path: string): void {
  makeFolder(dirname(path));
  if (output.files === undefined) {
    linkFile(store.objectPath(output.hash), path);
    return;
  }
  for (const [name, file] of Object.entries(output.files)) {
    link(store, { kind: output.kind, ...file }, join(path, name));
  }
}

/**
 * A second name for a file. Not a symbolic link: a browser follows one to the object, which has no extension,
 * and shows the page as text. Where the file system has no hard links, a copy.
 */
function linkFile(file: string, path: string): void {
  try {
    linkSync(file, path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!['EXDEV', 'EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK'].includes(code)) throw error;
    copyFileSync(file, path);
    syncFile(path);
  }
}

/** A stored folder as a folder again: links under the names of its files. */
export function folderView(store: Store, output: StoredOutput): string {
  const view = join(store.dir, 'cache', 'views', `${output.hash}-${identityOf(store, output)}`);
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

/** Tells the files of a folder from those that lay there before: of a damaged object, a view shows the old one. */
function identityOf(store: Store, { files = {} }: StoredOutput): string {
  const hash = createHash('sha256');
  for (const { hash: object } of Object.values(files)) {
    const { dev, ino } = statSync(store.objectPath(object), { bigint: true });
    hash.update(`${dev} ${ino}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}
