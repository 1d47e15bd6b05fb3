/**
 * Candidates of a row in a round, which are compared with each other: rows in its pool and rows whose pools contain it,
 * new and old ones separately. If there are more than fit, those of lowest priority are kept; priorities are random and
 * change every round.
 */
import { CANDIDATES, type CandidateArrays, type DescentJob } from './job.ts';

/** Collects the candidates of the rows from `first` to `end` − 1. */
export function collectCandidates(
  { rows, poolSize, pools, fresh, old }: DescentJob,
  first: number,
  end: number,
  key: number,
): void {
  const { indices } = pools;
  for (const kind of [fresh, old]) kind.counts.fill(0, first, end);
  for (let row = 0; row < rows; row++) {
    const isOwn = row >= first && row < end;
    for (let at = row * poolSize; at < (row + 1) * poolSize; at++) {
      const other = indices[at];
      if (other < 0) break;
      const isOthers = other >= first && other < end;
      if (!isOwn && !isOthers) continue;
      const kind = pools.fresh[at] === 1 ? fresh : old;
      const priority = priorityOf(row, other, key);
      if (isOwn) addCandidate(kind, row, other, priority);
      if (isOthers) addCandidate(kind, other, row, priority);
    }
  }
}

/** Marks the new candidates of this round as old, in the pools of the rows from `first` to `end` − 1. */
export function settleFresh({ poolSize, pools, fresh }: DescentJob, first: number, end: number): void {
  for (let row = first; row < end; row++) {
    const from = row * CANDIDATES;
    const candidates = fresh.rows.subarray(from, from + fresh.counts[row]);
    for (let at = row * poolSize; at < (row + 1) * poolSize; at++) {
      if (pools.fresh[at] === 1 && candidates.includes(pools.indices[at])) pools.fresh[at] = 0;
    }
  }
}

/** Returns the priority of a pair: a hash that is the same from both of its rows. */
function priorityOf(row: number, other: number, key: number): number {
  let hash = Math.imul(Math.min(row, other) ^ key, 0x9e3779b1);
  hash = Math.imul((hash ^ (hash >>> 15)) + Math.max(row, other), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Adds a candidate. The largest priority is kept first: a lower one replaces it if the list is full, others are refused. */
function addCandidate(
  { counts, rows, priorities }: CandidateArrays,
  row: number,
  other: number,
  priority: number,
): void {
  const first = row * CANDIDATES;
  const count = counts[row];
  const isFull = count === CANDIDATES;
  if (isFull && priority >= priorities[first]) return;
  for (let at = first; at < first + count; at++) if (rows[at] === other) return;
  const slot = isFull ? first : first + count;
  rows[slot] = other;
  priorities[slot] = priority;
  if (!isFull) counts[row]++;
  let largest = first;
  for (let at = first + 1; at < first + counts[row]; at++) {
    if (priorities[at] > priorities[largest]) largest = at;
  }
  [rows[first], rows[largest]] = [rows[largest], rows[first]];
  [priorities[first], priorities[largest]] = [priorities[largest], priorities[first]];
}
