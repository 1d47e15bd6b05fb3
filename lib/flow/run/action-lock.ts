/** The lock of an action, as long as this process works on it. */
import type { Lock } from '../locks/lock.ts';
import type { ActionRecord } from '../store/record.ts';
import type { Action } from './action.ts';
import { Drained } from './attempt.ts';
import { type Execution, storedRecord } from './execution.ts';

export class ActionLock {
  readonly #run: Execution;
  readonly #action: Action;
  #lock: Lock | undefined;

  constructor(run: Execution, action: Action) {
    this.#run = run;
    this.#action = action;
  }

  /** Whether it was taken, and not given back. That it was lost meanwhile is seen by `requireLock`. */
  get isTaken(): boolean {
    return this.#lock !== undefined;
  }

  /** Takes the lock unless a living process has it. */
  async tryTake(): Promise<void> {
    this.#lock = await this.#run.store.lockAction(this.#action.key, () => true);
  }

  /** Waits for the lock, or until the action's result is there. */
  async take(): Promise<void> {
    const { store, drain, onWait } = this.#run;
    const { key, job } = this.#action;
    const isDone = () => storedRecord(store, key) !== undefined;
    this.#lock = await store
      .lockAction(key, isDone, { signal: drain, onWait: (...wait) => onWait(job.target.id, ...wait) })
      .catch((error) => {
        throw drain.aborted ? new Drained() : error;
      });
  }

  /**
   * Finds, before anything is committed, whether this process was taken for dead while it slept, and another took
   * the lock over. Then it waits for that one. Returns the record that the other process made, if it did.
   */
  async requireLock(): Promise<ActionRecord | undefined> {
    this.#run.store.requireSession();
    if (this.#lock?.isHeld()) return undefined;
    this.#lock?.release();
    await this.take();
    return this.isTaken ? undefined : storedRecord(this.#run.store, this.#action.key);
  }

  release(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }
}
