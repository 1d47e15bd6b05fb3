/**
 * Which of the keys that a target had before is the one to compare with. Several studies may share a store
 * (two configs in a folder, one config on two files), and then the last key of a target may be another study's.
 */
import type { ActionKey } from '../keys/key.ts';
import { isHash, isObject } from './stored-json.ts';

/** A key that a target had, and for what: config file and data, as people name them. */
export interface RecentKey {
  readonly key: ActionKey;
  readonly study: string;
}

/** More are of no use: what has not been seen for so long explains nothing. */
const KEPT = 16;

/** The list with a key in front. */
export function remembered(recent: readonly RecentKey[], now: RecentKey): RecentKey[] {
  const others = recent.filter(({ key, study }) => key !== now.key || study !== now.study);
  return [now, ...others].slice(0, KEPT);
}

/**
 * The keys that a file in targets/ names; none if it is another target's: where names that differ only in case are one,
 * two targets share a file. Throws for what is no JSON.
 */
export function parseRecent(text: string, target: string): RecentKey[] {
  const found: unknown = JSON.parse(text);
  if (!isObject(found) || found.target !== target || !isHash(found.key)) return [];
  const recent = found.recent ?? [{ key: found.key, study: '' }]; // earlier versions kept one
  if (!Array.isArray(recent)) return [];
  return recent.filter((one) => isObject(one) && isHash(one.key) && typeof one.study === 'string');
}

/**
 * The earlier record that is most like what the target is now: of the same study if there is one, then with
 * the fewest differences, then the latest.
 *
 * @param recent the last first
 * @param read the record of a key, if it is still there
 * @param differences how many causes separate a record from what the target is now
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
