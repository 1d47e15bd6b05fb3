/** Seeded sample of cells of every type. */
import { hash } from 'node:crypto';
import type { RandomSource } from '../flow/random.ts';

export interface TypeCount {
  readonly label: string;
  readonly cells: number;
}

/** Cells per label among the chosen ones, most first, ties by code unit. */
export function countTypes(labels: readonly (string | null)[], chosen: readonly boolean[]): TypeCount[] {
  const counts = new Map<string, number>();
  for (const [i, label] of labels.entries()) {
    if (chosen[i] && label !== null) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return Array.from(counts, ([label, cells]) => ({ label, cells })).sort(
    (a, b) => b.cells - a.cells || (a.label < b.label ? -1 : 1),
  );
}

/**
 * Draws up to `perType` of the eligible cells of each type of `types` (all of them if `perType` is null).
 *
 * Bottom-k sampling: a cell's priority comes from the stream of its type and from its own id alone, and the k cells of
 * lowest priority are taken. So a type's sample does not depend on the other types, on the order of the cells or on how
 * many there are, and a stricter filter only replaces the cells that it drops.
 */
export function sampleTypes(
  cells: {
    readonly ids: readonly string[];
    readonly labels: readonly (string | null)[];
    readonly eligible: readonly boolean[];
  },
  types: ReadonlySet<string>,
  perType: number | null,
  random: RandomSource,
): boolean[] {
  const { ids, labels, eligible } = cells;
  const members = new Map<string, number[]>(Array.from(types, (label) => [label, []]));
  for (const [i, label] of labels.entries()) {
    if (label !== null && eligible[i]) members.get(label)?.push(i);
  }
  const sampled = new Array<boolean>(ids.length).fill(false);
  for (const [label, rows] of members) {
    for (const row of lowest(rows, perType, ids, random, label)) sampled[row] = true;
  }
  return sampled;
}

function lowest(
  rows: number[],
  k: number | null,
  ids: readonly string[],
  random: RandomSource,
  label: string,
): number[] {
  if (k === null || rows.length <= k) return rows;
  const stream = random.stream('sample', label);
  const ranked = rows.map((row) => {
    // 48 bits of the id's digest choose the cell's place in the stream.
    const place = hash('sha256', ids[row], 'buffer').readUIntBE(0, 6);
    return { row, priority: stream.at(place).float64() };
  });
  ranked.sort((a, b) => a.priority - b.priority || a.row - b.row);
  return ranked.slice(0, k).map(({ row }) => row);
}
