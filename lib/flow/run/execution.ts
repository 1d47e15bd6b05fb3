/** Context shared by all actions of a run. */
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
  /** Limits per action, if the run sets any. */
  readonly limits: ActionLimits;
  readonly codeOf: (target: Target) => TaskCode;
  /** Throws if the code or an input file of the target changed while it ran. */
  readonly requireUnchanged: (target: Target, ingredients: KeyIngredients) => Promise<void>;
  readonly onEvent: (event: FlowEvent) => void;
  /** Called with the process that a target waits for. */
  readonly onWait: (target: string, ...wait: Parameters<OnWait>) => void;
  /** Aborted on the first interrupt or failure: no new actions start. */
  readonly drain: AbortSignal;
  /** Aborted on the second interrupt: running actions are stopped. */
  readonly kill: AbortSignal;
  /** Actions in flight in this process, by key: equal actions of different targets run once. */
  readonly inFlight: Map<ActionKey, Promise<Done>>;
}

/** Result of an action. */
export interface Done {
  readonly record: ActionRecord;
  readonly outcome: 'ran' | 'cached';
}

/** Record of an action whose outputs are all in the store; undefined if there is none. */
export function storedRecord(store: Store, key: ActionKey): ActionRecord | undefined {
  const found = store.lookup(key);
  return found.state === 'hit' ? found.record : undefined;
}

/** Slots whose outputs differ, sorted by name. */
export function differingSlots(a: ActionRecord['outputs'], b: ActionRecord['outputs']): string[] {
  const slots = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  return slots.filter((slot) => a[slot]?.hash !== b[slot]?.hash);
}
