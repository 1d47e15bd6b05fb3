/** Session of a command: config, graph and store, made from the options. */
import { statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { findConfigFile, loadConfigFile, type ResolvedConfig, resolveConfig } from '../../config/index.ts';
import { storeError, usageError } from '../../errors.ts';
import {
  buildGraph,
  type Graph,
  openStore,
  placeOfStudy,
  type Store,
  type StudyId,
  type StudyPlace,
  studyNames,
} from '../../flow/index.ts';
import { requireRecognised } from '../../flow/store/recognise.ts';
import type { App } from '../app.ts';
import type { CommonOptions, StudyOptions } from '../options/options.ts';
import { studyIdOf } from './study-id.ts';

export interface Session {
  readonly resolved: ResolvedConfig;
  readonly graph: Graph;
  readonly store: Store;
  readonly id: StudyId;
  /** Place where the study's outputs are shown. */
  readonly place: StudyPlace;
  /** Label of this config and its data in the store's memory: they may share the store with others. */
  readonly study: string;
}

export async function openSession(app: App, options: CommonOptions): Promise<Session> {
  const resolved = await resolveConfig(await app.stages(), {
    ...options,
    cwd: process.cwd(),
    renamed: app.renamed?.keys,
  });
  const { stages, config, seed, root, file } = resolved;
  const graph = buildGraph(stages, config, { seed, root, renamed: app.renamed?.stages });
  const store = storeOf(root, options, config);
  const id = studyIdOf(file.path, config);
  const place = placeOfStudy(store.dir, id);
  return { resolved, graph, store, id, place, study: labelOf(graph, studyLabel(id, place)) };
}

/**
 * Name of a study in words: its config file, preceded by its name if that is set or belongs to another study of the
 * store.
 */
function studyLabel({ config = '', isGiven }: StudyId, { name, takenBy }: StudyPlace): string {
  const file = basename(config);
  return isGiven || takenBy !== undefined ? `${name} (${file})` : file;
}

/** Label of a study and its data: the files and folders that the first targets read. */
function labelOf({ targets, root }: Graph, study: string): string {
  const first = [...targets.values()].filter(({ dependsOn }) => dependsOn.length === 0);
  const data = new Set(first.flatMap(({ external }) => external.map(({ path }) => readable(root, path))));
  return [study, ...[...data].sort()].join(', ');
}

function readable(root: string, path: string): string {
  const inside = relative(root, path);
  return inside.startsWith('..') || isAbsolute(inside) ? path : inside;
}

/** Opens the store of a maintenance command, which must exist. */
export async function openExistingStore(options: CommonOptions): Promise<Store> {
  if (options.store !== undefined && options.config === undefined)
    return requireStore(openStoreAt(resolve(requirePlace(options.store))));
  const { path, value } = await loadConfigFile(process.cwd(), options.config);
  return requireStore(storeOf(dirname(path), options, value));
}

function requireStore(store: Store): Store {
  requireRecognised(store.dir);
  return store;
}

/** Store, and the study in it that is asked for. */
export interface Asked {
  readonly store: Store;
  /** Place of the study; undefined if nothing names one: the store was given explicitly, where there is no config. */
  readonly study?: StudyPlace;
  /** Label of the study among the keys that targets had, if its config is known. */
  readonly label?: string;
}

/**
 * Opens the study that is asked for, for commands that only look at existing results: that of `--study`, or else that of
 * the config. Throws config errors if there is none, and a usage error for a name that the store does not have.
 */
export async function openStudy(options: StudyOptions): Promise<Asked> {
  const isByStore = options.store !== undefined && options.config === undefined;
  const file = isByStore
    ? await configInReach(options.study !== undefined)
    : await loadConfigFile(process.cwd(), options.config);
  const store =
    file === undefined || isByStore
      ? openStoreAt(resolve(requirePlace(options.store ?? '')))
      : storeOf(dirname(file.path), options, file.value);
  if (options.study !== undefined) return { store, study: namedStudy(store, options.study) };
  if (file === undefined) return { store };
  const id = studyIdOf(file.path, file.value);
  const study = placeOfStudy(store.dir, id);
  return { store, study, label: studyLabel(id, study) };
}

/** Loads the config of the folder where the command runs, if there is one. */
async function configInReach(isNeedless: boolean) {
  if (isNeedless) return undefined;
  return (await findConfigFile(process.cwd())) === undefined ? undefined : loadConfigFile(process.cwd());
}

function namedStudy(store: Store, name: string): StudyPlace {
  const known = studyNames(store.dir);
  if (known.includes(name)) return { name, folder: store.layout.study(name).folder };
  throw usageError(`the store has no study "${name}"`, {
    where: store.dir,
    expected: known.length === 0 ? 'a store in which a study has outputs' : `one of ${known.join(', ')}`,
  });
}

/**
 * Opens the stores that an option, a variable of the environment or the config names, in this order. Paths of the config
 * count from its folder, the others from where the command runs.
 */
function storeOf(root: string, options: CommonOptions, config: unknown): Store {
  const { store, sharedStore } = (config ?? {}) as { store?: unknown; sharedStore?: unknown };
  const named = (option: string | undefined, variable: string, key: unknown) => {
    const given = option === undefined ? process.env[variable] || undefined : requirePlace(option);
    if (given !== undefined) return resolve(given);
    return typeof key === 'string' ? resolve(root, key) : undefined;
  };
  const dir = named(options.store, 'RANKLOOM_STORE', store) ?? join(root, 'artifacts');
  const shared = named(options.sharedStore, 'RANKLOOM_SHARED_STORE', sharedStore);
  return openStoreAt(dir, shared === dir ? {} : { shared });
}

/** Refuses an empty path: it would mean the folder where the command runs, which nobody intends. */
function requirePlace(given: string): string {
  if (given.trim() !== '' && !given.includes('\0')) return given;
  throw usageError(`the store ${JSON.stringify(given)} is no folder`, { expected: 'the path of a folder' });
}

/** Opens a store. Throws a store error for a file: `plan` and `status`, which write nothing, would not notice. */
function openStoreAt(dir: string, options: { readonly shared?: string } = {}): Store {
  if (isFile(dir))
    throw storeError('the store is a file', { where: dir, expected: 'a folder, or a place for one' });
  return openStore(dir, options);
}

function isFile(path: string): boolean {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat !== undefined && !stat.isDirectory();
  } catch {
    return false; // an unreadable path is reported where it is needed
  }
}
