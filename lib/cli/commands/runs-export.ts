/** `runs export`: the outputs of a run as files of their own, and a description of them for an archive. */
import { chmodSync, copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { dataError, usageError } from '../../errors.ts';
import { findRecord, type RunManifest, type Store } from '../../flow/index.ts';
import type { ContentHash } from '../../flow/keys/key.ts';
import { filesOf } from '../../flow/runs/run-diff.ts';
import { readListing } from '../../flow/runs/run-files.ts';
import type { App } from '../app.ts';
import type { CrateFile } from '../export/ro-crate.ts';
import type { RunsExportOptions } from '../options/options.ts';
import { makeFolder, writingTo } from '../options/written.ts';
import { note } from '../output/ui.ts';
import { count } from '../output/units.ts';
import { openStudy } from '../session/session.ts';

export async function exportRun(
  _app: App,
  name: string,
  folder: string,
  options: RunsExportOptions,
): Promise<number> {
  const { store, study } = await openStudy(options);
  const manifest = findRecord(store, name, study);
  const outputs = outputsOf(store, manifest);
  writingTo(folder, () => {
    requireEmpty(folder);
    for (const { name, sha256 } of outputs) {
      const to = join(folder, name);
      makeFolder(dirname(to));
      copyFileSync(store.objectPath(sha256 as ContentHash), to);
      chmodSync(to, 0o644);
    }
  });
  if (options.roCrate) await writeCrate(folder, manifest, outputs);
  if (!options.quiet) note(`Copied ${count(outputs.length, 'file')} of run ${manifest.run} to ${folder}`);
  return 0;
}

/** The files behind the names of a run's outputs, by name. */
function outputsOf(store: Store, { run, published, targets }: RunManifest): Required<CrateFile>[] {
  if (published === undefined) {
    throw dataError(`run ${run} has published nothing`, { hint: 'take a run that is done: rankloom runs' });
  }
  const folders = new Map(
    Object.values(targets)
      .flatMap((t) => Object.values(t.outputs))
      .map((o) => [o.hash, o.files]),
  );
  const files = Object.entries(published).flatMap(([name, { hash, bytes, kind, folder }]) => {
    // A folder that the run did not select itself lists its files in its object. Earlier versions did not record that it
    // is a folder.
    const inside = folders.get(hash);
    const isFolder = folder ?? (inside !== undefined || FOLDER_KINDS.has(kind));
    if (!isFolder) return [{ name, sha256: hash, bytes }];
    const listed =
      inside === undefined
        ? readListing(store.objectPath(hash))
        : Object.entries(inside).map(([file, f]) => ({ name: file, ...f }));
    return listed.map((file) => ({ name: `${name}/${file.name}`, sha256: file.hash, bytes: file.bytes }));
  });
  const gone = files.filter(({ sha256 }) => !existsSync(store.objectPath(sha256)));
  if (gone.length > 0) {
    throw dataError(`${count(gone.length, 'output')} of run ${run} are no longer in the store`, {
      where: gone
        .slice(0, 5)
        .map(({ name }) => name)
        .join(', '),
      hint: 'gc has collected them; a run with the same config makes them again',
    });
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Kinds of artifact that are folders. */
const FOLDER_KINDS = new Set(['files']);

async function writeCrate(
  folder: string,
  manifest: RunManifest,
  outputs: readonly CrateFile[],
): Promise<void> {
  const { crateMetadata, crateReadme, METADATA_FILE, README_FILE, WORKFLOW_FILE } = await import(
    '../export/ro-crate.ts'
  );
  const inputs = [...filesOf(manifest)].map(([path, sha256]) => ({ name: basename(path), sha256 }));
  const metadata = crateMetadata({ manifest, outputs, inputs, publishedAt: new Date().toISOString() });
  writingTo(folder, () => {
    writeFileSync(join(folder, WORKFLOW_FILE), `${JSON.stringify(manifest.config ?? {}, null, 2)}\n`);
    writeFileSync(join(folder, README_FILE), crateReadme(manifest));
    writeFileSync(join(folder, METADATA_FILE), metadata);
  });
}

function requireEmpty(folder: string): void {
  makeFolder(folder);
  if (readdirSync(folder).length === 0) return;
  throw usageError(`${folder} is not empty`, {
    where: resolve(folder),
    expected: 'a new or an empty folder',
  });
}
