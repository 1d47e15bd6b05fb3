/** What the actions of a target took together: what a forecast rests on. */
import type { ActionRecord } from './store.ts';

export interface Work {
  /** The sum of their times, as if one after the other. */
  readonly totalMs: number;
  /** The longest of them: no number of workers makes the target quicker than this. */
  readonly longestMs: number;
  readonly peakRssBytes: number;
  /** Bytes that they left in the store. */
  readonly bytes: number;
}

export function workOf(actions: readonly ActionRecord[]): Work {
  const times = actions.map(({ durationMs }) => durationMs);
  return {
    totalMs: times.reduce((a, b) => a + b, 0),
    longestMs: Math.max(0, ...times),
    peakRssBytes: Math.max(0, ...actions.map((a) => a.peakRssBytes)),
    bytes: actions.reduce((sum, { outputs }) => sum + bytesOf(outputs), 0),
  };
}

/** The bytes of some outputs; a folder counts with its files. */
export function bytesOf(outputs: ActionRecord['outputs']): number {
  return Object.values(outputs)
    .flatMap((output) => [output, ...Object.values(output.files ?? {})])
    .reduce((sum, { bytes }) => sum + bytes, 0);
}
