/** What the commands work with: config, graph and store, made from the options. */
import { readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { loadConfigFile, type ResolvedConfig, resolveConfig } from '../config/index.ts';
import { buildGraph, type Graph, openStore, requireRecognised, type Store } from '../flow/index.ts';
import type { App } from './app.ts';
import type { CommonOptions } from './options.ts';
import { note } from './ui.ts';

export interface Session {
  readonly resolved: ResolvedConfig;
  readonly graph: Graph;
  readonly store: Store;
  /** What the store's memory of this config and its data is called: they may share it with others. */
  readonly study: string;
}

export async function openSession(app: App, options: CommonOptions): Promise<Session> {
  const stages = await app.stages();
  const resolved = await resolveConfig(stages, { ...options, cwd: process.cwd() });
  const { config, seed, root } = resolved;
  const graph = buildGraph(stages, config, { seed, root });
  return {
    resolved,
    graph,
    store: storeOf(root, options, resolved.config),
    study: studyOf(graph, resolved.file.name),
  };
}

/** Config file and data: the files that the targets read with which all begins. */
function studyOf({ targets, root }: Graph, configFile: string): string {
  const first = [...targets.values()].filter(({ dependsOn }) => dependsOn.length === 0);
  const data = new Set(first.flatMap(({ files }) => files.map(({ path }) => relative(root, path))));
  return [basename(configFile), ...[...data].sort()].join(', ');
}

/** The store of a command that looks after it: there must be one. */
export async function openExistingStore(options: CommonOptions): Promise<Store> {
  const store = await openStoreOnly(options);
  requireRecognised(store.dir);
  return store;
}

/**
 * The store alone, for commands that only look at what is there. Says so if what is there was made by another
 * config than the one that is named.
 */
export async function openStoreOnly(options: CommonOptions): Promise<Store> {
  if (options.store !== undefined && options.config === undefined) return openStore(resolve(options.store));
  const { path, value } = await loadConfigFile(process.cwd(), options.config);
  const store = storeOf(dirname(path), options, value);
  const made = configOfLatest(store);
  if (made !== undefined && made !== basename(path)) {
    note(`note: latest outputs are those of ${made}, not of ${basename(path)}`);
  }
  return store;
}

/** The name of the config file whose outputs are published; undefined if there are none. */
function configOfLatest(store: Store): string | undefined {
  try {
    const { configFile } = JSON.parse(readFileSync(join(store.dir, 'latest', 'run.json'), 'utf8'));
    return typeof configFile === 'string' ? basename(configFile) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The stores that an option, a variable of the environment or the config names, in this order. Paths of the
 * config count from its folder, the others from where the command runs.
 */
function storeOf(root: string, options: CommonOptions, config: unknown): Store {
  const { store, sharedStore } = (config ?? {}) as { store?: unknown; sharedStore?: unknown };
  const named = (option: string | undefined, variable: string, key: unknown) => {
    const given = option ?? (process.env[variable] || undefined);
    if (given !== undefined) return resolve(given);
    return typeof key === 'string' ? resolve(root, key) : undefined;
  };
  const dir = named(options.store, 'RANKLOOM_STORE', store) ?? join(root, 'artifacts');
  const shared = named(options.sharedStore, 'RANKLOOM_SHARED_STORE', sharedStore);
  return openStore(dir, shared === dir ? {} : { shared });
}
