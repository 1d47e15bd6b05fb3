/**
 * Every path of a store. No other file knows how its folders are called:
 *
 *     store.json                  marks the folder as a store, with the version of this layout
 *     objects/ab/<sha256>         content, read-only
 *     actions/ab/<key>.json       the record of an action: written last, the only commit point
 *     targets/<target>.json       the keys that a target had, for telling why it is stale
 *     runs/<id>/                  manifest.json, events.ndjson, outputs/ (links with human names)
 *     studies/<name>/             study.json, latest, partial: what each study shows
 *     latest -> runs/<id>/outputs
 *     quarantine/  set-aside/     damaged files, with a note each; files of the user's that stood in the way
 *     locks/  tmp/                of running processes
 *     cache/                      hashes of files and code, texts of code, folders put together again
 */
import { createHash } from 'node:crypto';
import { join, relative, resolve } from 'node:path';
import type { ActionKey, ContentHash } from '../keys/key.ts';

/** Paths of one run. */
export interface RunPaths {
  readonly folder: string;
  readonly manifest: string;
  readonly events: string;
  /** The folder of the run's outputs under their published names. */
  readonly outputs: string;
}

/** Paths of one study. */
export interface StudyPaths extends ShownPaths {
  /** Says which config file the study's name belongs to. */
  readonly note: string;
}

/** Paths that show outputs of runs: those of a study, or of the store itself. */
export interface ShownPaths {
  readonly folder: string;
  readonly latest: string;
  readonly partial: string;
}

/** The folders that a run makes in a store. */
const FOLDERS = ['objects', 'actions', 'targets', 'runs', 'locks', 'tmp', 'cache'] as const;

/** Paths of the store in the folder `dir`. They are as absolute as `dir` is; nothing is read or made. */
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

  /** The folders that are made with a store, in the order in which they are made. */
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

  /** @param name of the study's folder: see `placeOfStudy` */
  study(name: string): StudyPaths {
    const folder = join(this.studies, name);
    return { ...shownPaths(folder), note: join(folder, 'study.json') };
  }

  /** The name of the lock file of an action, inside `locks`. */
  actionLock(key: ActionKey): string {
    return `${key}.lock`;
  }

  /** Hashes of files outside the store, by their stat. */
  get fileHashes(): string {
    return join(this.cache, 'files.json');
  }

  /** Code identities, with what they were made from. */
  get codeIdentities(): string {
    return join(this.cache, 'code.json');
  }

  /** Texts of code, sharded by hash as objects are. */
  get codeTexts(): string {
    return join(this.cache, 'code');
  }

  /** Listings of folders outside the store, by their hash: what `why` compares. */
  get folderListings(): string {
    return join(this.cache, 'folders');
  }

  /** Stats of the files that published folders show. */
  get shownStats(): string {
    return join(this.cache, 'shown.json');
  }

  /** Stored folders put together again, one folder each. */
  get views(): string {
    return join(this.cache, 'views');
  }

  view(name: string): string {
    return join(this.views, name);
  }

  /** A file beside the store's folders that does not count as one of its own. */
  hiddenFile(name: string): string {
    return join(this.dir, `.${name}`);
  }

  /** How notes in the store name a path in it: relative to the store. */
  nameOf(path: string): string {
    return relative(this.dir, path);
  }

  /** The id in the path of a run's outputs; undefined for any other path. */
  runOfOutputs(folder: string): string | undefined {
    const [runs, id, outputs, ...more] = relative(resolve(this.dir), folder).split(/[/\\]/);
    return runs === 'runs' && outputs === 'outputs' && more.length === 0 ? id : undefined;
  }
}

/** Paths below a folder that shows outputs: of a study, or of the store itself. */
export function shownPaths(folder: string): ShownPaths {
  return { folder, latest: join(folder, 'latest'), partial: join(folder, 'partial') };
}

/** The record of the run among the outputs that a folder shows. */
export const SHOWN_RECORD = 'run.json';

export function shownRecord(folder: string): string {
  return join(folder, SHOWN_RECORD);
}

/** The manifest of the run whose outputs are in a folder: it lies beside them. */
export function manifestBeside(outputs: string): string {
  return join(outputs, '..', 'manifest.json');
}

/** A name for a file that any file system takes: one that is too long is cut, with a hash of all of it. */
export function targetFile(target: string): string {
  const name = encodeURIComponent(target);
  if (name.length <= 200) return name;
  return `${name.slice(0, 160)}-${createHash('sha256').update(target).digest('hex').slice(0, 32)}`;
}
