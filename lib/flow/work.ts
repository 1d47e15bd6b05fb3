/** What the actions of a target took together: what a forecast rests on. */
import type { ActionFacts } from './stage.ts';
import type { ActionRecord, StoredOutput } from './store.ts';

export type Role = ActionFacts['role'];

/** The most memory that actions took, in bytes, by role, and how much they read. */
export interface TakenBefore {
  readonly bytes: Partial<Readonly<Record<Role, number>>>;
  readonly inputBytes: number;
}

export interface Work {
  /** The sum of their times, as if one after the other. */
  readonly totalMs: number;
  /** The longest of them: no number of workers makes the target quicker than this. */
  readonly longestMs: number;
  readonly peakRssBytes: number;
  /** Bytes that they left in the store. */
  readonly bytes: number;
  /** What they took of the memory, by role; absent in records of earlier versions. */
  readonly memory?: TakenBefore;
}

export function workOf(actions: readonly ActionRecord[]): Work {
  const times = actions.map(({ durationMs }) => durationMs);
  return {
    totalMs: times.reduce((a, b) => a + b, 0),
    longestMs: Math.max(0, ...times),
    peakRssBytes: Math.max(0, ...actions.map((a) => a.peakRssBytes)),
    bytes: actions.reduce((sum, { outputs }) => sum + bytesOf(outputs), 0),
    memory: mostOf(actions.flatMap(({ memory }) => memory ?? [])),
  };
}

/** For each role the most that one action took, and how much the last of them, the whole, read. */
function mostOf(all: readonly TakenBefore[]): TakenBefore | undefined {
  const bytes: Partial<Record<Role, number>> = {};
  for (const one of all) {
    for (const role of Object.keys(one.bytes) as Role[]) {
      bytes[role] = Math.max(bytes[role] ?? 0, one.bytes[role]!);
    }
  }
  return all.length === 0 ? undefined : { bytes, inputBytes: all.at(-1)!.inputBytes };
}

/** The bytes of some outputs; a folder counts with its files. */
export function bytesOf(outputs: ActionRecord['outputs']): number {
  return Object.values(outputs).reduce((sum, output) => sum + outputBytes(output), 0);
}

export function outputBytes({ bytes, files = {} }: StoredOutput): number {
  return Object.values(files).reduce((sum, file) => sum + file.bytes, bytes);
}
