/** What lies in a store, as far as is needed to decide what may go. */
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ActionKey } from '../keys/key.ts';
import { isRunId, readManifest } from '../runs/run-files.ts';
import { runsShown } from '../runs/studies.ts';
import { isQuarantined } from '../store/quarantine.ts';
import { filesOf, readRecordFile } from '../store/record-file.ts';

export interface Holdings {
  /** The runs that `latest` and the studies show. */
  readonly shown: ReadonlySet<string>;
  /** By time: their names sort so. */
  readonly runs: readonly {
    readonly id: string;
    readonly changedMs: number;
    readonly keys: readonly string[];
  }[];
  /** Keys that targets had last. */
  readonly targetKeys: readonly string[];
  /** Records that can be read; those of other versions with all that could be a hash in them. */
  readonly records: readonly {
    readonly file: string;
    readonly key: string;
    readonly changedMs: number;
    readonly hashes: readonly string[];
    /** Of the texts of their code. */
    readonly code: readonly string[];
  }[];
  /** All files among the records. */
  readonly files: readonly string[];
  readonly objects: readonly { readonly file: string; readonly hash: string; readonly bytes: number }[];
  readonly quarantined: readonly AgedFile[];
  /** The texts of code; see code/texts.ts. */
  readonly texts: readonly (AgedFile & { readonly hash: string })[];
  /** Hashes of the code as it was identified last: what comes to be made next is made by it. */
  readonly codeNow: readonly string[];
}

export interface AgedFile {
  readonly file: string;
  readonly bytes: number;
  readonly changedMs: number;
}

export function takeStock(store: string): Holdings {
  const files = listShards(join(store, 'actions'));
  return {
    shown: runsShown(store),
    runs: listNames(join(store, 'runs'))
      .filter(isRunId)
      .sort()
      .map((id) => ({ id, changedMs: changedMs(join(store, 'runs', id)), keys: keysOfRun(store, id) })),
    targetKeys: listNames(join(store, 'targets')).flatMap((name) => {
      const found = readJson(join(store, 'targets', name)) as { key?: string } | undefined;
      return found?.key === undefined ? [] : [found.key];
    }),
    records: files.flatMap((file) => {
      const key = basename(file, '.json') as ActionKey;
      const found = readRecordFile(file, key);
      if (found.state !== 'whole' && found.state !== 'foreign') return [];
      const named =
        found.state === 'whole'
          ? {
              hashes: filesOf(found.record).map(({ hash }) => hash),
              code: Object.values(found.record.code ?? {}),
            }
          : { hashes: anyHashes(file), code: anyHashes(file) };
      return [{ file, key, changedMs: changedMs(file), ...named }];
    }),
    files,
    objects: listShards(join(store, 'objects')).map((file) => ({
      file,
      hash: basename(file),
      bytes: lstatSync(file).size,
    })),
    quarantined: listNames(join(store, 'quarantine'))
      .filter(isQuarantined)
      .map((name) => aged(join(store, 'quarantine', name))),
    texts: listShards(join(store, 'cache', 'code')).map((file) => ({ ...aged(file), hash: basename(file) })),
    codeNow: anyHashes(join(store, 'cache', 'code.json')),
  };
}

function aged(file: string): AgedFile {
  return { file, bytes: lstatSync(file).size, changedMs: changedMs(file) };
}

/** Of a record that is damaged, all that could be a key in it. */
function keysOfRun(store: string, id: string): string[] {
  const read = readManifest(store, id);
  if (read.state === 'damaged') return anyHashes(read.file);
  return read.state === 'absent' ? [] : Object.values(read.manifest.targets).map(({ key }) => key);
}

/** The files of objects/ and actions/: each lies in a folder named by its first two letters. Others are not the store's. */
export function listShards(folder: string): string[] {
  return shardFiles(folder).filter((file) => {
    const name = basename(file);
    return /^[0-9a-f]{64}(\.json)?$/.test(name) && basename(dirname(file)) === name.slice(0, 2);
  });
}

function shardFiles(folder: string): string[] {
  return listNames(folder)
    .sort()
    .flatMap((shard) =>
      listNames(join(folder, shard))
        .sort()
        .map((name) => join(folder, shard, name)),
    );
}

function anyHashes(file: string): string[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').match(/\b[0-9a-f]{64}\b/g) ?? [];
}

const changedMs = (path: string) => lstatSync(path).mtimeMs;

/** The names in a folder; none if it is not there. */
export function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
