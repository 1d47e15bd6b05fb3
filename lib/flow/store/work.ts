/** Total work of a target's actions, the basis of forecasts. */
import type { ActionRecord, Role, StoredOutput, TakenBefore, Work } from './record.ts';

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

/** Maximum memory of one action for each role, with the input size of the last action (the whole target). */
function mostOf(all: readonly TakenBefore[]): TakenBefore | undefined {
  const bytes: Partial<Record<Role, number>> = {};
  for (const one of all) {
    for (const role of Object.keys(one.bytes) as Role[]) {
      bytes[role] = Math.max(bytes[role] ?? 0, one.bytes[role]!);
    }
  }
  return all.length === 0 ? undefined : { bytes, inputBytes: all.at(-1)!.inputBytes };
}

/** Total bytes of outputs; a folder includes its files. */
export function bytesOf(outputs: ActionRecord['outputs']): number {
  return Object.values(outputs).reduce((sum, output) => sum + outputBytes(output), 0);
}

export function outputBytes({ bytes, files = {} }: StoredOutput): number {
  return Object.values(files).reduce((sum, file) => sum + file.bytes, bytes);
}
