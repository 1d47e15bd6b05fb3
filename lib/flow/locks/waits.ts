/** Reports the processes a run waits for: each once, and again from time to time, however many targets wait for it. */
import type { FlowEvent } from '../events.ts';
import { holderAdvice, holderName } from './holder-words.ts';
import type { Holder } from './lock-owner.ts';

const AGAIN_MS = [60_000, 600_000];

export class Waits {
  readonly #onEvent: (event: FlowEvent) => void;
  readonly #told = new Map<string, { atMs: number; times: number }>();

  constructor(onEvent: (event: FlowEvent) => void) {
    this.#onEvent = onEvent;
  }

  /**
   * Reports a wait, unless the same process was reported recently.
   *
   * @param what such as `encode[rank]`
   */
  tell(what: string, target: string | undefined, holder: Holder, waitedMs: number): void {
    const { owner } = holder;
    const key = `${owner?.host} ${owner?.pid} ${owner?.startTime}`;
    const nowMs = performance.now();
    const told = this.#told.get(key);
    const pauseMs = told === undefined ? 0 : (AGAIN_MS[told.times - 1] ?? AGAIN_MS.at(-1)!);
    if (told !== undefined && nowMs - told.atMs < pauseMs) return;
    this.#told.set(key, { atMs: nowMs, times: (told?.times ?? 0) + 1 });
    const text = `waiting for ${what}, held by ${holderName(holder)}; ${holderAdvice(holder)}`;
    this.#onEvent({ type: 'waiting', target, text, waitedMs: Math.round(waitedMs) });
  }
}
