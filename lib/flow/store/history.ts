/**
 * History of a target's keys, and the choice of the one to compare with. Several studies may share a store (two configs in a
 * folder, one config on two files); then the last key of a target may be another study's.
 */
import type { ActionKey } from '../keys/key.ts';
import { isHash, isObject } from './stored-json.ts';

/** Earlier key of a target, and the study (a label of config file and data) it was made for. */
export interface RecentKey {
  readonly key: ActionKey;
  readonly study: string;
}

/** Maximum number of keys kept per target: older ones explain nothing. */
const KEPT = 16;

/** Moves or adds a key to the front of a target's history. */
export function remembered(recent: readonly RecentKey[], now: RecentKey): RecentKey[] {
  const others = recent.filter(({ key, study }) => key !== now.key || study !== now.study);
  return [now, ...others].slice(0, KEPT);
}

/**
 * Parses the keys in a file of targets/, latest first. Returns none if the file is another target's: on a case-insensitive
 * file system two targets may share a file. Throws for invalid JSON.
 */
export function parseRecent(text: string, target: string): RecentKey[] {
  const found: unknown = JSON.parse(text);
  if (!isObject(found) || found.target !== target || !isHash(found.key)) return [];
  const recent = found.recent ?? [{ key: found.key, study: '' }]; // earlier versions kept only one key
  if (!Array.isArray(recent)) return [];
  return recent.filter((one) => isObject(one) && isHash(one.key) && typeof one.study === 'string');
}

/**
 * Finds the earlier record that is most similar to the current target: of the same study if there is one, then with the
 * fewest differences, then the latest. Undefined if there is none.
 *
 * @param recent latest first
 * @param read returns the record of a key, if it still exists
 * @param differences number of differences between a record and the current target
 */
export function mostSimilar<R>(
  recent: readonly RecentKey[],
  study: string,
  read: (key: ActionKey) => R | undefined,
  differences: (record: R) => number,
): { record: R; study: string } | undefined {
  const own = recent.filter((r) => r.study === study);
  const others = recent.filter((r) => r.study !== study);
  for (const group of [own, others]) {
    let best: { record: R; study: string; count: number } | undefined;
    for (const { key, study: of } of group) {
      const record = read(key);
      if (record === undefined) continue;
      const count = differences(record);
      if (best === undefined || count < best.count) best = { record, study: of, count };
      if (count === 0) break;
    }
    if (best !== undefined) return { record: best.record, study: best.study };
  }
  return undefined;
}
