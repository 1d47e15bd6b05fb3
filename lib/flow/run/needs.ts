/**
 * Estimate of the memory that an action needs: the maximum of its stage's declaration and its earlier use. For a stage that
 * declares nothing and never ran, a multiple of the size of its inputs.
 */
import { statSync } from 'node:fs';
import { asked, gives } from '../graph/asked.ts';
import type { Target } from '../graph/target.ts';
import type { ActionFacts, Plain } from '../stage.ts';
import type { ActionRecord, Role, TakenBefore } from '../store/record.ts';
import type { PartOutputs, TaskInput, TaskInputs } from '../workers/task.ts';
import type { Demand, Need, Place } from './slots.ts';

/** Bytes of an idle Node thread. */
export const THREAD_BYTES = 24 << 20;
/** Bytes that an action uses besides its inputs, as a guess. */
const BASE_BYTES = 40 << 20;
/** Memory use as a multiple of the input size, as a guess: inputs are held in memory in some form. */
const TIMES_INPUTS = 3;

export interface Asked {
  readonly role: Role;
  readonly inputs: TaskInputs;
  readonly part?: Plain;
  /** Outputs of the parts of earlier rounds. */
  readonly rounds: PartOutputs;
  readonly threads: number;
}

/**
 * Estimates the memory that an action needs.
 *
 * @param before earlier memory use of the target, or of another target of its stage
 * @param measured bytes that actions of this role, of the target or its stage, used in this run
 */
function needOf(target: Target, facts: ActionFacts, before?: TakenBefore, measured?: number): Need {
  const recorded = Math.max(takenBefore(facts, before), measured ?? 0);
  const { needs } = target.stage;
  // Threads of parallel regions are in addition to the thread that the action runs in.
  const threads = THREAD_BYTES * (1 + (facts.threads > 1 ? facts.threads : 0));
  if (needs === undefined) {
    const isKnown = recorded > 0;
    const guess = threads + BASE_BYTES + TIMES_INPUTS * inputBytesOf(facts);
    return { bytes: isKnown ? recorded : guess, sharedBytes: 0, isKnown, weight: guess };
  }
  const declared = threads + declaredBytes(target, 'memory', () => needs.memory(facts));
  const sharedBytes =
    facts.role === 'part' ? declaredBytes(target, 'shared', () => needs.shared?.(facts) ?? 0) : 0;
  // Recorded use includes both own and shared bytes.
  const bytes = Math.max(declared, recorded - sharedBytes);
  return { bytes, sharedBytes, isKnown: true, weight: declared + sharedBytes };
}

/** Memory estimates for the actions of a run, and the measured use of finished ones. */
export class Memory {
  readonly #options: MemoryOptions;
  readonly #before = new Map<string, TakenBefore | undefined>();
  /** Maximum bytes used by actions of this run, by role and target and by role and stage. */
  readonly #found = new Map<string, number>();

  constructor(options: MemoryOptions) {
    this.#options = options;
  }

  /** Demand of an action for the slots, and its number of threads: as many of the requested ones as fit in memory. */
  demandOf(target: Target, priority: number, asked: Asked): { demand: ActionDemand; threads: number } {
    const { fits, isStrict, extraBytes } = this.#options;
    const before = this.#takenBefore(target);
    const { stage } = target;
    const own = `${asked.role} ${target.id}`;
    const likes = `${asked.role} of stage ${stage.name}`;
    const found = () => this.#found.get(own) ?? (before === undefined ? this.#found.get(likes) : undefined);
    const facts = factsOf(target, asked);
    const needWith = (threads: number): Need => {
      const need = needOf(target, { ...facts, threads }, before, found());
      return { ...need, bytes: need.bytes + extraBytes };
    };
    let { threads } = asked;
    while (threads > 1 && !fits(needWith(threads))) threads--;
    const cores = asked.threads;
    const isUnknown = () => stage.needs === undefined && before === undefined && found() === undefined;
    return {
      threads,
      demand: {
        target: target.id,
        priority,
        cores,
        keys: [own, likes],
        role: asked.role,
        inputBytes: inputBytesOf(facts),
        need: () => needWith(threads),
        sole: () => (isStrict && isUnknown() ? likes : undefined),
      },
    };
  }

  /** Records the memory that a finished action used, for its record and for estimates of similar actions in this run. */
  taken(
    { keys, role, inputBytes }: ActionDemand,
    { peakBytes }: Place,
    { peakRssBytes, heldBytes = 0 }: { peakRssBytes: number; heldBytes?: number },
  ): TakenBefore {
    const { extraBytes } = this.#options;
    // A separate process is measured exactly. A thread may reuse memory left by others, which its share does not show.
    const ofThread = Math.max(peakBytes, heldBytes);
    const bytes = Math.round(extraBytes > 0 ? Math.max(0, peakRssBytes - extraBytes) : ofThread);
    for (const key of keys) this.#found.set(key, Math.max(this.#found.get(key) ?? 0, bytes));
    return { bytes: { [role]: bytes }, inputBytes };
  }

  /** Earlier memory use of the target itself, or else of another target of its stage. */
  #takenBefore(target: Target): TakenBefore | undefined {
    const { recordOf } = this.#options;
    for (const [name, likes] of [
      [target.id, [target.id]],
      [`stage ${target.stage.name}`, this.#options.instancesOf(target.stage.name)],
    ] as const) {
      if (!this.#before.has(name)) {
        const records = likes.map((id) => takenBy(recordOf(id)));
        this.#before.set(
          name,
          records.find((taken) => taken !== undefined),
        );
      }
      const taken = this.#before.get(name);
      if (taken !== undefined) return taken;
    }
    return undefined;
  }
}

/** Demand of an action, with the data to record its memory use under. */
export interface ActionDemand extends Demand {
  readonly keys: readonly string[];
  readonly role: Role;
  readonly inputBytes: number;
}

export interface MemoryOptions {
  /** Returns the last record of a target. */
  recordOf(target: string): ActionRecord | undefined;
  /** Returns ids of some targets of a stage. */
  instancesOf(stage: string): readonly string[];
  /** Whether a need fits in the budget if nothing else runs. */
  fits(need: Need): boolean;
  /** True for an explicit budget: then the first action of a kind without known memory use runs without others of its kind. */
  readonly isStrict: boolean;
  /** Additional bytes of an action in a separate process; 0 for threads. */
  readonly extraBytes: number;
}

/** Earlier memory use in bytes, scaled by the input size, which determines most of a stage's memory. */
function takenBefore(facts: ActionFacts, before: TakenBefore | undefined): number {
  const bytes = before?.bytes[facts.role] ?? 0;
  if (bytes === 0) return 0;
  const ratio = inputBytesOf(facts) / Math.max(1, before!.inputBytes);
  return bytes * (before!.inputBytes === 0 ? 1 : Math.max(ratio, 0.1));
}

/** What `needs` of a stage says. */
function declaredBytes({ id, stage }: Target, name: string, ask: () => unknown): number {
  const question = { stage, id, property: `needs.${name}()` };
  return asked(question, () => {
    const bytes = ask();
    if (typeof bytes === 'number' && Number.isFinite(bytes) && bytes >= 0) return bytes;
    throw gives(question, bytes, 'a number of bytes');
  });
}

function factsOf(target: Target, { role, inputs, part, rounds, threads }: Asked): ActionFacts {
  const bytes: Record<string, number> = {};
  const kinds: Record<string, string | undefined> = {};
  for (const [slot, input] of Object.entries(inputs)) {
    const all = [input].flat().filter((one) => one !== undefined);
    bytes[slot] = all.reduce((sum, one) => sum + bytesOfInput(one), 0);
    kinds[slot] = all[0]?.kind;
  }
  const written = rounds.flatMap((parts) => parts.flatMap((part) => Object.values(part)));
  const partBytes = written.reduce((sum, one) => sum + bytesOfInput(one), 0);
  // A slot without an input has 0 bytes, even if its name is that of a built-in property.
  const known = new Proxy(bytes, {
    get: (all, slot) => (Object.hasOwn(all, slot) ? all[slot as string] : 0),
  });
  return { role, params: target.params, bytes: known, kinds, part, partBytes, threads };
}

function inputBytesOf({ bytes, partBytes }: Pick<ActionFacts, 'bytes' | 'partBytes'>): number {
  return Object.values<number>(bytes).reduce((a, b) => a + b, partBytes);
}

function bytesOfInput({ bytes, path }: TaskInput): number {
  if (bytes !== undefined) return bytes;
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0; // a missing file is reported when it is opened
}

/** Memory use of a target's actions, from the record of its last action. */
function takenBy(record: ActionRecord | undefined): TakenBefore | undefined {
  return record?.work?.memory ?? record?.memory;
}
