/**
 * Paths of a store. No other file has the names of its folders:
 *
 *     store.json                  marks the folder as a store, with the version of this layout
 *     objects/ab/<sha256>         content, read-only
 *     actions/ab/<key>.json       the record of an action: written last, the only commit point
 *     targets/<target>.json       earlier keys of a target, to explain why it is stale
 *     runs/<id>/                  manifest.json, events.ndjson, outputs/ (links with published names)
 *     studies/<name>/             study.json, and the links latest and partial of each study
 *     latest -> runs/<id>/outputs
 *     quarantine/  set-aside/     damaged files, with a note each; user files that were in the way
 *     locks/  tmp/                locks and scratch files of running processes
 *     cache/                      hashes of files and code, texts of code, folder views
 */
import { createHash } from 'node:crypto';
import { join, relative, resolve } from 'node:path';
import type { ActionKey, ContentHash } from '../keys/key.ts';

/** Paths of one run. */
export interface RunPaths {
  readonly folder: string;
  readonly manifest: string;
  readonly events: string;
  /** Folder of the run's outputs under their published names. */
  readonly outputs: string;
}

/** Paths of one study. */
export interface StudyPaths extends ShownPaths {
  /** File that names the config file to which the study's name belongs. */
  readonly note: string;
}

/** Paths that show outputs of runs, of a study or of the store itself. */
export interface ShownPaths {
  readonly folder: string;
  readonly latest: string;
  readonly partial: string;
}

/** Folders that are created with a store. */
const FOLDERS = ['objects', 'actions', 'targets', 'runs', 'locks', 'tmp', 'cache'] as const;

/** Paths of the store in the folder `dir`; relative if `dir` is. Reads and creates nothing. */
export class StoreLayout {
  readonly dir: string;
  readonly marker: string;
  readonly objects: string;
  readonly actions: string;
  readonly targets: string;
  readonly runs: string;
  readonly studies: string;
  readonly latest: string;
  readonly quarantine: string;
  readonly setAside: string;
  readonly locks: string;
  readonly tmp: string;
  readonly cache: string;

  constructor(dir: string) {
    this.dir = dir;
    this.marker = join(dir, 'store.json');
    this.objects = join(dir, 'objects');
    this.actions = join(dir, 'actions');
    this.targets = join(dir, 'targets');
    this.runs = join(dir, 'runs');
    this.studies = join(dir, 'studies');
    this.latest = join(dir, 'latest');
    this.quarantine = join(dir, 'quarantine');
    this.setAside = join(dir, 'set-aside');
    this.locks = join(dir, 'locks');
    this.tmp = join(dir, 'tmp');
    this.cache = join(dir, 'cache');
  }

  /** Folders that are created with a store, in the order of creation. */
  get folders(): string[] {
    return FOLDERS.map((name) => join(this.dir, name));
  }

  object(hash: ContentHash): string {
    return join(this.objects, hash.slice(0, 2), hash);
  }

  record(key: ActionKey): string {
    return join(this.actions, key.slice(0, 2), `${key}.json`);
  }

  target(target: string): string {
    return join(this.targets, `${targetFile(target)}.json`);
  }

  run(id: string): RunPaths {
    const folder = join(this.runs, id);
    return {
      folder,
      manifest: join(folder, 'manifest.json'),
      events: join(folder, 'events.ndjson'),
      outputs: join(folder, 'outputs'),
    };
  }

  /**
   * Paths of a study.
   *
   * @param name of the study's folder: see `placeOfStudy`
   */
  study(name: string): StudyPaths {
    const folder = join(this.studies, name);
    return { ...shownPaths(folder), note: join(folder, 'study.json') };
  }

  /** Name of the lock file of an action, inside `locks`. */
  actionLock(key: ActionKey): string {
    return `${key}.lock`;
  }

  /** Cache file of the hashes of files outside the store, by their stat. */
  get fileHashes(): string {
    return join(this.cache, 'files.json');
  }

  /** Cache file of code identities, with the facts they depend on. */
  get codeIdentities(): string {
    return join(this.cache, 'code.json');
  }

  /** Folder of the texts of code, sharded by hash like objects. */
  get codeTexts(): string {
    return join(this.cache, 'code');
  }

  /** Folder of the listings of folders outside the store, by hash, which `why` compares. */
  get folderListings(): string {
    return join(this.cache, 'folders');
  }

  /** Cache file of the stats of published files. */
  get shownStats(): string {
    return join(this.cache, 'shown.json');
  }

  /** Folder of the views of stored folders, one folder each. */
  get views(): string {
    return join(this.cache, 'views');
  }

  view(name: string): string {
    return join(this.views, name);
  }

  /** Path of a hidden file beside the store's folders, which does not count as part of the store. */
  hiddenFile(name: string): string {
    return join(this.dir, `.${name}`);
  }

  /** Path relative to the store, as used in its notes. */
  nameOf(path: string): string {
    return relative(this.dir, path);
  }

  /** Run id in the path of a run's outputs; undefined for any other path. */
  runOfOutputs(folder: string): string | undefined {
    const [runs, id, outputs, ...more] = relative(resolve(this.dir), folder).split(/[/\\]/);
    return runs === 'runs' && outputs === 'outputs' && more.length === 0 ? id : undefined;
  }
}

/** Paths below a folder that shows outputs, of a study or of the store itself. */
export function shownPaths(folder: string): ShownPaths {
  return { folder, latest: join(folder, 'latest'), partial: join(folder, 'partial') };
}

/** Name of the run's manifest among published outputs. */
export const SHOWN_RECORD = 'run.json';

export function shownRecord(folder: string): string {
  return join(folder, SHOWN_RECORD);
}

/** Path of the manifest beside the outputs folder of a run. */
export function manifestBeside(outputs: string): string {
  return join(outputs, '..', 'manifest.json');
}

/** File name for a target that is valid on any file system; a long name is cut and ends in a hash of the whole name. */
export function targetFile(target: string): string {
  const name = encodeURIComponent(target);
  if (name.length <= 200) return name;
  return `${name.slice(0, 160)}-${createHash('sha256').update(target).digest('hex').slice(0, 32)}`;
}
