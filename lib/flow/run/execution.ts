/** What the actions of a run have in common. */
import type { FlowEvent } from '../events.ts';
import type { Graph, Target } from '../graph/target.ts';
import type { ActionKey, KeyIngredients } from '../keys/key.ts';
import type { OnWait } from '../locks/lock.ts';
import type { ActionRecord } from '../store/record.ts';
import type { Scratch } from '../store/scratch.ts';
import type { Store } from '../store/store.ts';
import type { Executor, TaskCode } from '../workers/executor.ts';
import type { ActionLimits } from '../workers/limits.ts';
import type { Memory } from './needs.ts';
import type { Slots } from './slots.ts';

export interface Execution {
  readonly graph: Graph;
  readonly store: Store;
  readonly executor: Executor;
  readonly scratch: Scratch;
  readonly slots: Slots;
  readonly memory: Memory;
  readonly workers: number;
  /** What one action may take, where the run says so. */
  readonly limits: ActionLimits;
  readonly codeOf: (target: Target) => TaskCode;
  /** Throws if what the target's key rests on changed while it ran. */
  readonly requireUnchanged: (target: Target, ingredients: KeyIngredients) => Promise<void>;
  readonly onEvent: (event: FlowEvent) => void;
  /** Hears for whom a target waits. */
  readonly onWait: (target: string, ...wait: Parameters<OnWait>) => void;
  /** Aborted on the first interrupt or failure: nothing new starts. */
  readonly drain: AbortSignal;
  /** Aborted on the second interrupt: what runs is ended. */
  readonly kill: AbortSignal;
  /** Actions in flight in this process: equal ones of different targets run once. */
  readonly inFlight: Map<ActionKey, Promise<Done>>;
}

/** What came of an action. */
export interface Done {
  readonly record: ActionRecord;
  readonly outcome: 'ran' | 'cached';
}

/** The record of an action whose outputs are all in the store. */
export function storedRecord(store: Store, key: ActionKey): ActionRecord | undefined {
  const found = store.lookup(key);
  return found.state === 'hit' ? found.record : undefined;
}

/** The slots whose outputs are not the same, in order of their names. */
export function differingSlots(a: ActionRecord['outputs'], b: ActionRecord['outputs']): string[] {
  const slots = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return slots.filter((slot) => a[slot]?.hash !== b[slot]?.hash);
}
