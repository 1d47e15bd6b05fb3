/** Search for an output by the name that people give it. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dataError, type OperationalError, usageError } from '../../errors.ts';
import { findRun, type Shown, type Store, shownIn, shownOf } from '../../flow/index.ts';
import type { ContentHash } from '../../flow/keys/key.ts';
import { nothingShown } from '../../flow/runs/studies.ts';
import { nearest } from '../../flow/text/suggest.ts';
import type { App } from '../app.ts';
import type { Asked } from './session.ts';

export interface FoundOutput {
  /** Name under `latest/`, or `target.slot`. */
  readonly name: string;
  /** Kind of artifact: table, parquet, json, … */
  readonly kind: string;
  readonly path: string;
  readonly bytes: number;
}

/**
 * Run whose outputs are asked for, and notes on it for the user. Throws a usage error if the study that is asked for has
 * none.
 *
 * @param name name of a run; default: the run that the study shows as its latest
 */
export function askedRun({ store, study }: Asked, name = 'latest'): { shown: Shown; notes: string[] } {
  if (name !== 'latest' && name !== 'partial') {
    const { id } = findRun(store, name, study);
    const shown = shownIn(store.layout.run(id).outputs);
    if (shown !== undefined) return { shown, notes: [] };
    throw dataError(`run ${id} shows no outputs`, { hint: 'take a run that is done: rankloom runs' });
  }
  const { latest, partial } = shownOf(study ?? { folder: store.dir });
  const shown = name === 'latest' ? latest : partial;
  if (shown === undefined) throw nothingShown(store.dir, name, study);
  const notes: string[] = [];
  if (shown.complete === false)
    notes.push('these are outputs of a part of the study: not all targets were up to date');
  if (shown.given?.length) notes.push(`these outputs were made with ${shown.given.join(' ')}`);
  if (shown === latest && partial !== undefined)
    notes.push('a later run of some targets has outputs too: --run partial takes them from there');
  return { shown, notes };
}

/**
 * Finds an output by its name under `latest/` (`separation.parquet`, `separation`, `figures/joint.svg`) or as
 * `target.slot` (`similarity[rank].pairs`): in the run that is shown or, for outputs that this run lacks, in the record
 * that the target wrote last for the study.
 */
export function findOutput(asked: Asked, shown: Shown, name: string, renamed: App['renamed']): FoundOutput {
  const { folder, published } = shown;
  const named = (found: string): FoundOutput => {
    requireThere(join(folder, found), found);
    return { name: found, path: join(folder, found), ...published[found] };
  };
  if (Object.hasOwn(published, name)) return named(name);
  const inFolder = fileIn(shown, name);
  if (inFolder !== undefined) return inFolder;
  if (name === 'run.json') return { name, kind: 'json', ...fileAt(join(folder, name)) };
  const names = Object.keys(published);
  const stems = names.filter((n) => n.replace(/\.[^./]+$/, '') === name);
  if (stems.length === 1) return named(stems[0]);
  const slot = bySlot(asked, shown, name);
  if (slot !== undefined) return slot;
  throw unknownOutput(name, [...names, 'run.json'], renamed);
}

export function unknownOutput(
  name: string,
  known: readonly string[],
  renamed: App['renamed'],
): OperationalError {
  const hint = newNameOf(name, renamed);
  if (hint !== undefined) return usageError(`unknown output "${name}"`, { hint });
  return usageError(`unknown output "${name}"`, {
    expected: `one of ${known.join(', ')}, or target.slot`,
    hint: nearest(name, [...known, ...known.map((n) => n.replace(/\.[^./]+$/, ''))]),
  });
}

/** Hint with the current name of an output, or of the stage of `target.slot`, if `name` is a former one. */
function newNameOf(name: string, renamed: App['renamed']): string | undefined {
  if (renamed === undefined) return undefined;
  const { outputs, stages } = renamed;
  const [, first, rest] = /^([^/]*)(.*)$/s.exec(name)!;
  if (Object.hasOwn(outputs, first)) return `it is now called "${outputs[first]}${rest}"`;
  const stage = /^\w+(?=[[.])/.exec(name)?.[0] ?? '';
  return Object.hasOwn(stages, stage) ? `the stage "${stage}" is now called "${stages[stage]}"` : undefined;
}

/** Throws a data error if an output is gone: people delete files, and `verify` removes damaged ones. */
export function requireThere(path: string, name: string): void {
  if (existsSync(path)) return;
  throw dataError(`${name} is not there any more`, {
    where: path,
    hint: 'a run with the same values shows it again, and makes it if it is gone: rankloom run',
  });
}

/** Finds a file of an output that is a folder: `figures/joint.svg`. */
function fileIn({ folder, published }: Shown, name: string): FoundOutput | undefined {
  const home = Object.keys(published).find((n) => name.startsWith(`${n}/`));
  const path = join(folder, name);
  if (home === undefined || !path.startsWith(join(folder, home)) || !isFile(path)) return undefined;
  return { name, kind: 'file', ...fileAt(path) };
}

function bySlot({ store, label }: Asked, shown: Shown, name: string): FoundOutput | undefined {
  const dot = name.lastIndexOf('.');
  if (dot < 0) return undefined;
  const [target, slot] = [name.slice(0, dot), name.slice(dot + 1)];
  const of = (outputs: Shown['targets'][string]['outputs'] | undefined) =>
    outputs !== undefined && Object.hasOwn(outputs, slot) ? outputs[slot] : undefined;
  const inRun = Object.hasOwn(shown.targets, target) ? of(shown.targets[target].outputs) : undefined;
  const output = inRun ?? of(lastOf(store, target, label)?.outputs);
  if (output === undefined) return undefined;
  const path = store.objectPath(output.hash as ContentHash);
  requireThere(path, name);
  return { name, kind: output.kind, path, bytes: output.bytes };
}

/** Record that a target had last for a study, on whatever data. */
function lastOf(store: Store, target: string, label: string | undefined) {
  const own = store
    .recentKeys(target)
    .find(({ study }) => label !== undefined && (study === label || study.startsWith(`${label}, `)));
  return own === undefined ? undefined : store.recordOf(own.key);
}

const isFile = (path: string) => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

function fileAt(path: string): { path: string; bytes: number } {
  return { path, bytes: statSync(path).size };
}

/** Names of the files of an output that is a folder. */
export function namesInFolder(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(path, name)).isFile())
    .sort();
}
