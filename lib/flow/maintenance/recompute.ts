/**
 * Check that stages reproduce the results in the store: makes targets again, in a scratch store that takes their inputs from
 * this one, and compares the bytes. Nothing in the store changes.
 */
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { type ErrorInfo, OperationalError, usageError } from '../../errors.ts';
import { Decider, type Resolved } from '../decide/decide.ts';
import { resolveAll } from '../decide/decide-all.ts';
import type { Decision } from '../decide/decision.ts';
import { explain } from '../decide/explain.ts';
import { describeCauses } from '../decide/words.ts';
import type { FlowEvent } from '../events.ts';
import { selectTargets } from '../graph/select.ts';
import type { Graph, Target } from '../graph/target.ts';
import type { ActionKey } from '../keys/key.ts';
import { randomSource } from '../random.ts';
import { run } from '../run/run.ts';
import type { ActionRecord } from '../store/record.ts';
import { readRecordFile } from '../store/record-file.ts';
import { openStore, type Store } from '../store/store.ts';

/** Options of `recompute`. */
export interface RecomputeOptions {
  /** Fraction of the up-to-date targets to make again: above 0, at most 1. */
  readonly fraction: number;
  /** Seed for sampling the targets, if the fraction is below 1. */
  readonly seed: number;
  readonly workers: number;
  /** Describes where two files begin to differ. */
  readonly compare: (stored: string, made: string) => Promise<string | undefined>;
  readonly onTarget?: (target: string, done: number, total: number) => void;
  readonly onEvent?: (event: FlowEvent) => void;
  /** Drain signal, like that of a run. When it is aborted, `recompute` rejects with an error of kind `interrupted`. */
  readonly drain?: AbortSignal;
  readonly kill?: AbortSignal;
}

/** Output that was made again with other bytes than those in the store. */
export interface Difference {
  readonly target: string;
  /** Name of the output: `encode[rank].encoded`, or `part of …`. */
  readonly output: string;
  /** Name of the file, if the output is a folder. */
  readonly file?: string;
  readonly detail: string;
}

/** Result of making targets again and comparing the bytes. */
export interface Recomputation {
  /** Targets that were made again. */
  readonly made: readonly string[];
  /** Targets without outputs in the store under this config, so there is nothing to compare with. */
  readonly notThere: readonly string[];
  /** Requested targets that could not be compared, with the reason. */
  readonly notCompared: readonly { readonly target: string; readonly why: string }[];
  readonly failed: readonly { readonly target: string; readonly error: ErrorInfo }[];
  readonly differences: readonly Difference[];
}

export async function recompute(
  graph: Graph,
  store: Store,
  options: RecomputeOptions,
): Promise<Recomputation> {
  return store.use(async () => {
    const targets = new Set(graph.targets.keys());
    const decider = new Decider(graph, store);
    await decider.prepare(targets);
    const resolved = await resolveAll(decider, graph, targets);
    const isThere = ({ id }: Target) => resolved.get(id)?.record !== undefined;
    const there = [...graph.targets.values()].filter(isThere);
    const missing = [...graph.targets.values()].filter((target) => !isThere(target));
    // A fraction below 1 refers to up-to-date targets only; 1 means all targets.
    const notCompared =
      options.fraction < 1
        ? []
        : missing.map(({ id }) => ({ target: id, why: whyMissing(resolved.get(id)!.decision) }));
    const chosen = sample(there, options);
    const scratch = store.scratch();
    const failed: { target: string; error: ErrorInfo }[] = [];
    const differences: Difference[] = [];
    try {
      for (const [i, target] of chosen.entries()) {
        if (options.drain?.aborted) throw new OperationalError('interrupted', 'interrupted');
        options.onTarget?.(target.id, i, chosen.length);
        const error = await makeAgain(graph, target, store, scratch, options);
        if (error !== undefined) failed.push({ target: target.id, error });
        const compared = await compareAll(target, store, scratch, resolved.get(target.id)!, options);
        differences.push(...compared.differences);
        if (error === undefined && compared.missing !== undefined)
          notCompared.push({ target: target.id, why: compared.missing });
      }
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
    return {
      made: chosen.map(({ id }) => id),
      notThere: missing.map(({ id }) => id),
      notCompared,
      failed,
      differences,
    };
  });
}

function whyMissing({ state, causes }: Decision): string {
  const why = describeCauses(causes);
  return `not up to date (${state}${why === '' ? '' : `: ${why}`})`;
}

function sample(targets: readonly Target[], { fraction, seed }: RecomputeOptions): Target[] {
  if (!(fraction > 0 && fraction <= 1))
    throw usageError(`a fraction of ${fraction}`, { expected: 'above 0, at most 1' });
  const stream = randomSource(seed, 'recompute').stream('targets');
  const left = [...targets];
  const chosen = new Set<Target>();
  while (chosen.size < Math.ceil(fraction * targets.length)) {
    chosen.add(left.splice(stream.int(left.length), 1)[0]);
  }
  return targets.filter((target) => chosen.has(target));
}

const stageOf = (target: string) => target.split('[', 1)[0];

/**
 * Makes one target again in the scratch store. That store keeps the objects of earlier targets, but no records, so that
 * every action is looked up anew.
 */
async function makeAgain(
  graph: Graph,
  target: Target,
  store: Store,
  scratch: string,
  { workers, drain, kill, onEvent = () => {} }: RecomputeOptions,
): Promise<ErrorInfo | undefined> {
  await rm(openStore(scratch).layout.actions, { recursive: true, force: true });
  const stage = target.stage.name;
  const accepts = (record: ActionRecord) => stageOf(record.target) !== stage;
  const result = await run(graph, openStore(scratch, { shared: store.dir, accepts }), {
    targets: selectTargets(graph, [target.id]),
    force: new Set([target.id]),
    workers,
    drain,
    kill,
    onEvent,
  });
  if (result.outcome === 'interrupted') throw new OperationalError('interrupted', 'interrupted');
  return result.failed[0]?.error;
}

/**
 * Compares new outputs with the stored ones of the same key. Differences in parts are reported only if the whole target has
 * none. `missing` is the reason why the whole target was not compared.
 */
async function compareAll(
  target: Target,
  store: Store,
  scratch: string,
  resolved: Resolved,
  { compare }: RecomputeOptions,
): Promise<{ differences: Difference[]; missing?: string }> {
  const { id, stage } = target;
  const made = openStore(scratch);
  const whole: Difference[] = [];
  const parts: Difference[] = [];
  let isCompared = false;
  let other: ActionRecord | undefined;
  for (const file of made.recordFiles()) {
    const found = readRecordFile(file, basename(file, '.json') as ActionKey);
    if (found.state !== 'whole' || stageOf(found.record.target) !== stage.name) continue;
    const { role } = found.record.ingredients.share;
    if (role === 'whole' && found.record.key === resolved.key) isCompared = true;
    else if (role === 'whole' && found.record.target === id) other = found.record;
    const stored = store.recordOf(found.record.key);
    if (stored === undefined) continue;
    for (const { slot, file, hashes } of differing(stored, found.record)) {
      const [before, after] = hashes;
      const detail =
        before === undefined || after === undefined
          ? before === undefined
            ? 'made now, not stored'
            : 'stored, not made now'
          : ((await compare(store.objectPath(before), made.objectPath(after)).catch(notReadable)) ??
            'differs');
      const output = role === 'whole' ? `${id}.${slot}` : `${role} of ${id}, ${slot}`;
      (role === 'whole' ? whole : parts).push({ target: id, output, file, detail });
    }
  }
  const differences = whole.length > 0 ? whole : parts;
  return isCompared ? { differences } : { differences, missing: whyOther(target, resolved, other) };
}

/** Reason why a target was made under another key than the stored one: something changed in between. */
function whyOther(target: Target, { ingredients, record }: Resolved, made?: ActionRecord): string {
  if (made === undefined) return 'nothing was made under its key';
  const since = explain(
    { ingredients: ingredients!, code: record!.code },
    made.ingredients,
    made.code,
    target,
  );
  return `made again under another key (${describeCauses(since)})`;
}

const notReadable = (error: Error) => `cannot be compared: ${error.message}`;

type Hash = ActionRecord['outputs'][string]['hash'] | undefined;

function* differing(
  stored: ActionRecord,
  made: ActionRecord,
): Iterable<{ slot: string; file?: string; hashes: [Hash, Hash] }> {
  for (const slot of namesOf(stored.outputs, made.outputs)) {
    const [a, b] = [stored.outputs[slot], made.outputs[slot]];
    if (a?.hash === b?.hash) continue;
    if (a?.files === undefined || b?.files === undefined) {
      yield { slot, hashes: [a?.hash, b?.hash] };
      continue;
    }
    for (const file of namesOf(a.files, b.files)) {
      const hashes: [Hash, Hash] = [a.files[file]?.hash, b.files[file]?.hash];
      if (hashes[0] !== hashes[1]) yield { slot, file, hashes };
    }
  }
}

const namesOf = (a: object, b: object) => [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
