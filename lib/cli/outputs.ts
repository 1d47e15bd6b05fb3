/** Finding an output by the name that people give it. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type RankloomError, usageError } from '../errors.ts';
import { nearest, type Store } from '../flow/index.ts';

export interface FoundOutput {
  /** Its name under `latest/`, or `target.slot`. */
  readonly name: string;
  /** Kind of artifact: table, parquet, json, … */
  readonly kind: string;
  readonly path: string;
  readonly bytes: number;
}

interface Published {
  readonly kind: string;
  readonly bytes: number;
}

/** What `latest/` holds, by name. Throws a usage error if no run has finished. */
export function publishedOutputs(store: Store): Map<string, Published> {
  try {
    const manifest = JSON.parse(readFileSync(join(store.dir, 'latest', 'run.json'), 'utf8'));
    return new Map(Object.entries(manifest.published as Record<string, Published>));
  } catch {
    throw usageError('there are no outputs yet', {
      where: join(store.dir, 'latest'),
      hint: 'make them with: rankloom run',
    });
  }
}

/**
 * An output by its name under `latest/` (`separation.parquet`, `separation`, `figures/joint.svg`) or as
 * `target.slot` (`similarity[rank].pairs`), the one that the target wrote last.
 */
export function findOutput(store: Store, name: string): FoundOutput {
  const published = publishedOutputs(store);
  const latest = (found: string): FoundOutput => ({
    name: found,
    path: join(store.dir, 'latest', found),
    ...published.get(found)!,
  });
  if (published.has(name)) return latest(name);
  const inFolder = fileIn(store, published, name);
  if (inFolder !== undefined) return inFolder;
  if (name === 'run.json') return { name, kind: 'json', ...fileAt(join(store.dir, 'latest', name)) };
  const stems = [...published.keys()].filter((n) => n.replace(/\.[^./]+$/, '') === name);
  if (stems.length === 1) return latest(stems[0]);
  const slot = bySlot(store, name);
  if (slot !== undefined) return slot;
  throw unknownOutput(name, [...published.keys(), 'run.json']);
}

export function unknownOutput(name: string, known: readonly string[]): RankloomError {
  return usageError(`unknown output "${name}"`, {
    expected: `one of ${known.join(', ')}, or target.slot`,
    hint: nearest(name, [...known, ...known.map((n) => n.replace(/\.[^./]+$/, ''))]),
  });
}

/** `figures/joint.svg`: a file of an output that is a folder. */
function fileIn(
  store: Store,
  published: ReadonlyMap<string, Published>,
  name: string,
): FoundOutput | undefined {
  const folder = [...published.keys()].find((n) => name.startsWith(`${n}/`));
  const path = join(store.dir, 'latest', name);
  if (folder === undefined || !existsSync(path)) return undefined;
  return { name, kind: 'file', ...fileAt(path) };
}

function bySlot(store: Store, name: string): FoundOutput | undefined {
  const dot = name.lastIndexOf('.');
  if (dot < 0) return undefined;
  const output = store.lastRecord(name.slice(0, dot))?.outputs[name.slice(dot + 1)];
  if (output === undefined) return undefined;
  return { name, kind: output.kind, path: store.objectPath(output.hash), bytes: output.bytes };
}

function fileAt(path: string): { path: string; bytes: number } {
  return { path, bytes: statSync(path).size };
}

/** The files of an output that is a folder. */
export function filesOf(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(path, name)).isFile())
    .sort();
}
