/** Lock of an action, held while this process works on it. */
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

  /** Whether the lock was taken and not released. Does not detect a lost lock: see `requireLock`. */
  get isTaken(): boolean {
    return this.#lock !== undefined;
  }

  /** Takes the lock unless a living process holds it. */
  async tryTake(): Promise<void> {
    this.#lock = await this.#run.store.lockAction(this.#action.key, () => true);
  }

  /** Waits for the lock, or until the action's result is in the store. Throws `Drained` when the run drains. */
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
   * Checks before a commit that this process still holds the lock: if it was suspended and taken for dead, another process
   * may have taken the lock over. Then waits for that process and returns the record that it made, if any.
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
