/** Inventory of a store, with the data that `gc` needs to choose what to remove. */
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ActionKey } from '../keys/key.ts';
import { isRunId, readManifest } from '../runs/run-files.ts';
import { runsShown } from '../runs/studies.ts';
import type { StoreLayout } from '../store/layout.ts';
import { listNames, listShards } from '../store/lists.ts';
import { isQuarantined } from '../store/quarantine.ts';
import { objectsOf, readRecordFile } from '../store/record-file.ts';

export interface Inventory {
  /** Ids of runs that `latest` and the studies show. */
  readonly shown: ReadonlySet<string>;
  /** Runs, oldest first: their ids sort by time. */
  readonly runs: readonly {
    readonly id: string;
    readonly changedMs: number;
    readonly keys: readonly string[];
  }[];
  /** Key of the last record of each target. */
  readonly targetKeys: readonly string[];
  /** Readable records. Records of other versions have everything in them that looks like a hash. */
  readonly records: readonly {
    readonly file: string;
    readonly key: string;
    readonly changedMs: number;
    readonly hashes: readonly string[];
    /** Hashes of the texts of the record's code. */
    readonly code: readonly string[];
  }[];
  /** All record files, readable or not. */
  readonly files: readonly string[];
  readonly objects: readonly { readonly file: string; readonly hash: string; readonly bytes: number }[];
  readonly quarantined: readonly AgedFile[];
  /** Texts of code; see files/kept-texts.ts. */
  readonly texts: readonly (AgedFile & { readonly hash: string })[];
  /** Hashes of the most recently identified code, which the next run will use. */
  readonly codeNow: readonly string[];
}

export interface AgedFile {
  readonly file: string;
  readonly bytes: number;
  readonly changedMs: number;
}

export function takeInventory(layout: StoreLayout): Inventory {
  const files = listShards(layout.actions);
  return {
    shown: runsShown(layout.dir),
    runs: listNames(layout.runs)
      .filter(isRunId)
      .sort()
      .map((id) => ({ id, changedMs: changedMs(layout.run(id).folder), keys: keysOfRun(layout, id) })),
    targetKeys: listNames(layout.targets).flatMap((name) => {
      const found = readJson(join(layout.targets, name)) as { key?: string } | undefined;
      return found?.key === undefined ? [] : [found.key];
    }),
    records: files.flatMap((file) => {
      const key = basename(file, '.json') as ActionKey;
      const found = readRecordFile(file, key);
      if (found.state !== 'whole' && found.state !== 'foreign') return [];
      const named =
        found.state === 'whole'
          ? {
              hashes: objectsOf(found.record).map(({ hash }) => hash),
              code: Object.values(found.record.code ?? {}),
            }
          : { hashes: anyHashes(file), code: anyHashes(file) };
      return [{ file, key, changedMs: changedMs(file), ...named }];
    }),
    files,
    objects: listShards(layout.objects).map((file) => ({
      file,
      hash: basename(file),
      bytes: lstatSync(file).size,
    })),
    quarantined: listNames(layout.quarantine)
      .filter(isQuarantined)
      .map((name) => aged(join(layout.quarantine, name))),
    texts: listShards(layout.codeTexts).map((file) => ({ ...aged(file), hash: basename(file) })),
    codeNow: anyHashes(layout.codeIdentities),
  };
}

function aged(file: string): AgedFile {
  return { file, bytes: lstatSync(file).size, changedMs: changedMs(file) };
}

/** Keys that the manifest of a run names; everything that looks like a key if the manifest is damaged. */
function keysOfRun(layout: StoreLayout, id: string): string[] {
  const read = readManifest(layout, id);
  if (read.state === 'damaged') return anyHashes(read.file);
  return read.state === 'absent' ? [] : Object.values(read.manifest.targets).map(({ key }) => key);
}

function anyHashes(file: string): string[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').match(/\b[0-9a-f]{64}\b/g) ?? [];
}

const changedMs = (path: string) => lstatSync(path).mtimeMs;

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
