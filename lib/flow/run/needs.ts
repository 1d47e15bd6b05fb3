/**
 * How much memory an action is expected to need: the most of what its stage declares and what it took before. Of a
 * stage that declares nothing and was never run, some times the size of what it reads.
 */
import { statSync } from 'node:fs';
import { asked, gives } from '../graph/asked.ts';
import type { Target } from '../graph/target.ts';
import type { ActionFacts, Plain } from '../stage.ts';
import type { ActionRecord, Role, TakenBefore } from '../store/record.ts';
import type { PartOutputs, TaskInput, TaskInputs } from '../workers/task.ts';
import type { Demand, Need, Place } from './slots.ts';

/** A thread of Node that does nothing yet. */
export const THREAD_BYTES = 24 << 20;
/** What little an action holds besides its inputs. */
const BASE_BYTES = 40 << 20;
/** A guess: inputs are held in memory in one form or another. */
const TIMES_INPUTS = 3;

export interface Asked {
  readonly role: Role;
  readonly inputs: TaskInputs;
  readonly part?: Plain;
  /** What the parts of earlier rounds wrote. */
  readonly rounds: PartOutputs;
  readonly threads: number;
}

/**
 * @param before what the target took before, or another of its stage
 * @param measured what actions of this role of the target, or of its stage, took in this run, in bytes
 */
function needOf(target: Target, facts: ActionFacts, before?: TakenBefore, measured?: number): Need {
  const recorded = Math.max(takenBefore(facts, before), measured ?? 0);
  const { needs } = target.stage;
  // Threads of parallel regions come besides the one that the action runs in.
  const threads = THREAD_BYTES * (1 + (facts.threads > 1 ? facts.threads : 0));
  if (needs === undefined) {
    const isKnown = recorded > 0;
    const guess = threads + BASE_BYTES + TIMES_INPUTS * inputBytesOf(facts);
    return { bytes: isKnown ? recorded : guess, sharedBytes: 0, isKnown, weight: guess };
  }
  const declared = threads + declaredBytes(target, 'memory', () => needs.memory(facts));
  const sharedBytes =
    facts.role === 'part' ? declaredBytes(target, 'shared', () => needs.shared?.(facts) ?? 0) : 0;
  // What was taken is of both together.
  const bytes = Math.max(declared, recorded - sharedBytes);
  return { bytes, sharedBytes, isKnown: true, weight: declared + sharedBytes };
}

/** What is expected of the actions of a run, and what was found of those that are over. */
export class Memory {
  readonly #options: MemoryOptions;
  readonly #before = new Map<string, TakenBefore | undefined>();
  /** The most that actions of this run took, by target and by stage, each with the role. */
  readonly #found = new Map<string, number>();

  constructor(options: MemoryOptions) {
    this.#options = options;
  }

  /** What to ask of the slots for an action, and with how many threads it is to run: as many as there is room for. */
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

  /** What an action took, for its record, and for others of its kind in this run. */
  taken(
    { keys, role, inputBytes }: ActionDemand,
    { peakBytes }: Place,
    { peakRssBytes, heldBytes = 0 }: { peakRssBytes: number; heldBytes?: number },
  ): TakenBefore {
    const { extraBytes } = this.#options;
    // Of a process of its own all is known. Memory that others left behind may have been taken again without a trace.
    const ofThread = Math.max(peakBytes, heldBytes);
    const bytes = Math.round(extraBytes > 0 ? Math.max(0, peakRssBytes - extraBytes) : ofThread);
    for (const key of keys) this.#found.set(key, Math.max(this.#found.get(key) ?? 0, bytes));
    return { bytes: { [role]: bytes }, inputBytes };
  }

  /** By the target itself, or else by another of its stage. */
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

/** An action's demand, with what is needed to learn from it. */
export interface ActionDemand extends Demand {
  readonly keys: readonly string[];
  readonly role: Role;
  readonly inputBytes: number;
}

export interface MemoryOptions {
  /** The last record of a target. */
  recordOf(target: string): ActionRecord | undefined;
  /** Some targets of a stage. */
  instancesOf(stage: string): readonly string[];
  /** Whether a need is within the budget where nothing else runs. */
  fits(need: Need): boolean;
  /** Whether the budget was asked for: then the first action of a kind about which nothing is known runs without others of it. */
  readonly isStrict: boolean;
  /** What each action takes besides, as a process of its own; 0 for threads. */
  readonly extraBytes: number;
}

/** Scaled by how much is read now: of what a stage holds, most follows from that. */
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
  // A slot without an input has no bytes, whatever it is called.
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
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0; // that it is gone is told when it is opened
}

/** What the actions of a target took, from the record of its last. */
function takenBy(record: ActionRecord | undefined): TakenBefore | undefined {
  return record?.work?.memory ?? record?.memory;
}
