/**
 * Folders of studies in a store, so that several studies in one store do not replace each other's outputs:
 *
 *     study.json   config file that the name of the study belongs to
 *     latest       last complete run; until there is one, the last run of some targets
 *     partial      later run of some targets, which left others out of date
 *
 * `latest` of the store is the last complete run of any study.
 * `latest` and `partial` are links to runs/<id>/outputs, or folders where there are no links.
 */

import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { configError, dataError, type OperationalError, usageError } from '../../errors.ts';
import { makeFolder, writeFileAtomic } from '../files/durable.ts';
import { entryAt } from '../files/entry.ts';
import { hintOf } from '../hints.ts';
import { StoreLayout, shownPaths, shownRecord } from '../store/layout.ts';
import type { Store } from '../store/store.ts';
import { isObject } from '../store/stored-json.ts';
import { readManifestFile } from './run-files.ts';
import type { RunManifest } from './run-manifest.ts';

/** Name of a study, and the config file that it belongs to. */
export interface StudyId {
  readonly name: string;
  /** Absolute path of the config file that the name belongs to; absent if there is none. */
  readonly config?: string;
  /** True for a name given by the config itself, false for one derived from the file name. */
  readonly isGiven?: boolean;
}

/** Folder of a study in a store. */
export interface StudyPlace {
  /** Name of the folder: the study's own name or, if that is taken, one derived from it. */
  readonly name: string;
  readonly folder: string;
  /** Config file that owns the study's own name, if another one does. */
  readonly takenBy?: string;
}

/** Names that are valid for a folder on every file system with Unicode names. */
export const STUDY_NAME = /^(?![. ])[^/\\\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+(?<![. ])$/u;
const STUDY_NAME_BYTES = 200;
export const STUDY_NAME_RULE = `the name of a folder: at most ${STUDY_NAME_BYTES} bytes, no "/", no "\\", no line breaks, no dot or blank at its ends (but for dots inside)`;

export function isStudyName(name: string): boolean {
  return STUDY_NAME.test(name) && Buffer.byteLength(name) <= STUDY_NAME_BYTES;
}

/**
 * Determines the folder for a study's outputs. A name belongs to the config file that used it first in the store. Another
 * file with the same name elsewhere gets a folder whose name ends in a hash of its path; for a name given by the config
 * itself, throws a config error instead. A config file that was removed from its folder no longer owns its name.
 */
export function placeOfStudy(store: string, { name, config, isGiven = false }: StudyId): StudyPlace {
  const owner = otherOwner(store, name, config);
  const place = new StoreLayout(store).study(name);
  if (owner === undefined) return { name, folder: place.folder };
  if (!isGiven) {
    const digest = createHash('sha256').update(pathFrom(store, config!)).digest('hex');
    const own = `${name}-${digest.slice(0, 8)}`;
    const other = otherOwner(store, own, config);
    if (other === undefined)
      return { name: own, folder: new StoreLayout(store).study(own).folder, takenBy: owner };
  }
  throw configError(`the study "${name}" of this store is that of another config file`, {
    where: owner,
    expected: 'a name of its own for the study of each config file',
    hint: `change "name" in one of the two; or, if the other study is not needed any more, remove ${place.folder}`,
  });
}

/** Sorted names of the studies in a store. */
export function studyNames(store: string): string[] {
  try {
    const layout = new StoreLayout(store);
    return readdirSync(layout.studies)
      .filter((name) => existsSync(layout.study(name).latest))
      .sort();
  } catch {
    return []; // none yet
  }
}

/**
 * Clears the path of a study's folder, and of the folder of all studies: moves aside an entry there that is no folder or
 * link to one. Returns messages about moved entries.
 */
export function clearStudyPlace(store: Store, { folder }: StudyPlace): string[] {
  return [dirname(folder), folder].flatMap((path) => {
    if (entryAt(path) === undefined || isFolder(path)) return [];
    return [`${path} was not made by a run: moved to ${store.setAside(path)}`];
  });
}

/** Whether a path is a folder or a link to one. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // a dangling or circular link
  }
}

/** Records the config file that a study's name belongs to, if it is not recorded yet. Returns the resulting folder. */
export function claimStudy(store: string, id: StudyId): StudyPlace {
  for (let attempt = 0; ; attempt++) {
    const place = placeOfStudy(store, id);
    if (id.config === undefined) return place;
    const text = `${JSON.stringify({ config: pathFrom(store, id.config) })}\n`;
    const file = new StoreLayout(store).study(place.name).note;
    if (readText(file) === text) return place;
    makeFolder(place.folder);
    try {
      // Fails if the file exists: of two concurrent processes, the second then finds the name taken.
      if (attempt === 0) writeFileSync(file, text, { flag: 'wx' });
      else writeFileAtomic(file, text); // replaces the note of a removed config, or an invalid one
      return place;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50); // until the other process has written it
    }
  }
}

/** Absolute path of the config file that owns a name, if it is another than this one and still exists. */
function otherOwner(store: string, name: string, config: string | undefined): string | undefined {
  const written = readJson(new StoreLayout(store).study(name).note)?.config;
  if (typeof written !== 'string' || config === undefined) return undefined;
  if (written === pathFrom(store, config)) return undefined;
  const owner = resolve(realPath(store), written);
  return isGone(owner) ? undefined : owner;
}

/** Whether a file was certainly removed: its folder exists without it. Otherwise its disk may just not be mounted. */
function isGone(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) === undefined && lstatSync(dirname(file)).isDirectory();
  } catch {
    return false;
  }
}

/**
 * Path of a config file as recorded in a store: relative, because projects are moved with their stores. Links are resolved
 * in the folder, but not in the file itself, because one config may be linked into many projects.
 */
function pathFrom(store: string, config: string): string {
  return relative(realPath(store), join(realPath(dirname(config)), basename(config)));
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path); // not there yet
  }
}

/** Run whose outputs are shown. */
export interface Shown extends RunManifest {
  /** Folder of its outputs. */
  readonly folder: string;
  readonly published: NonNullable<RunManifest['published']>;
}

/** Run that a folder (`latest`, `partial`) shows; undefined if there is none. */
export function shownIn(folder: string): Shown | undefined {
  const read = readManifestFile(shownRecord(folder));
  if (read.state !== 'whole' || read.manifest.published === undefined) return undefined;
  return { ...read.manifest, published: read.manifest.published, folder };
}

/** Runs that a study shows. A partial run that is older than `latest` is left out. */
export function shownOf({ folder }: Pick<StudyPlace, 'folder'>): { latest?: Shown; partial?: Shown } {
  const paths = shownPaths(folder);
  const latest = shownIn(paths.latest);
  const partial = shownIn(paths.partial);
  return { latest, partial: isLater(partial, latest) ? partial : undefined };
}

// Ids of runs begin with their time.
const isLater = (a: Shown | undefined, b: Shown | undefined) =>
  a !== undefined && (b === undefined || a.run > b.run);

/** Error for a study or store that shows no such run; its hint lists the other studies of the store. */
export function nothingShown(
  store: string,
  what: 'latest' | 'partial',
  study?: StudyPlace,
): OperationalError {
  const path = shownPaths(study?.folder ?? store)[what];
  const read = readManifestFile(shownRecord(path));
  if (read.state === 'damaged') {
    return dataError(`the record of the run that ${what}/ shows is damaged: it ${read.detail}`, {
      where: read.file,
      hint: hintOf('damagedShown'),
    });
  }
  const whose = study === undefined ? 'this store' : `the study "${study.name}"`;
  const others = studyNames(store).filter((name) => name !== study?.name);
  const found =
    what === 'partial' && study !== undefined && shownIn(shownPaths(study.folder).latest) !== undefined
      ? `no run of some of its targets is later than its latest`
      : hintOf('noOutputs');
  return usageError(`there are no ${what === 'partial' ? 'partial ' : ''}outputs of ${whose} yet`, {
    where: path,
    hint: others.length === 0 ? found : `${found}\n${hintOf('otherStudies', { names: others.join(', ') })}`,
  });
}

/** Runs that studies and `latest` of the store show, by id, with the link that shows them. */
export function shownAs(store: string): Map<string, 'latest' | 'partial'> {
  const shown = new Map<string, 'latest' | 'partial'>();
  for (const folder of studyFolders(store)) {
    const { latest, partial } = shownOf({ folder });
    if (partial !== undefined) shown.set(partial.run, 'partial');
    if (latest !== undefined) shown.set(latest.run, 'latest');
  }
  const latest = shownIn(new StoreLayout(store).latest);
  if (latest !== undefined) shown.set(latest.run, 'latest');
  return shown;
}

/** Ids of all runs that are shown, which `gc` keeps. */
export function runsShown(store: string): Set<string> {
  const paths = [
    new StoreLayout(store).latest,
    ...studyFolders(store)
      .map(shownPaths)
      .flatMap(({ latest, partial }) => [latest, partial]),
  ];
  // Runs with a damaged manifest count too, because their outputs are in use.
  return new Set([...shownAs(store).keys(), ...paths.flatMap((path) => linkedRun(path) ?? [])]);
}

function linkedRun(path: string): string | undefined {
  try {
    return /(?:^|[/\\])runs[/\\]([^/\\]+)[/\\]outputs$/.exec(readlinkSync(path))?.[1];
  } catch {
    return undefined;
  }
}

function studyFolders(store: string): string[] {
  try {
    const layout = new StoreLayout(store);
    return readdirSync(layout.studies).map((name) => layout.study(name).folder);
  } catch {
    return [];
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function readJson(file: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
