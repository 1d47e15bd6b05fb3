/**
 * Joint histogram of two spaces over all pairs of their cells: how one measure of likeness goes with another. Both
 * values of a pair are made, binned and forgotten, tile by tile.
 */
import { HexCounts, type HexGrid, hexCenter, UNCOUNTED } from './hexagons.ts';
import type { Space } from './space.ts';
import { allPairTiles, evenRuns, firstColumn, pairsOf } from './tiles.ts';

/** A share of the pairs: tiles [from, to) of all tiles, in their fixed order. */
export type JointPart = { readonly from: number; readonly to: number; readonly pairs: number };

/** Counts of pairs by hexagon [q, r, pairs], as plain data; sorted by r, then q. */
export interface JointCounts {
  readonly within: [number, number, number][];
  readonly between: [number, number, number][];
  /** Pairs without a value in one of the measures or both: they are in no hexagon. */
  readonly undefined: number;
}

/** Classes of pairs in the counts. */
const WITHIN = 0;
const BETWEEN = 1;

/** About a second of work a part; not so many that keeping them costs more than making them. */
const TARGET_PAIRS = 12_000_000;
const MOST_PARTS = 64;

/** The parts of the pairs of `rows` cells. */
export function planJoint(rows: number): JointPart[] {
  const costs = Array.from(allPairTiles(rows), pairsOf);
  return evenRuns(costs, TARGET_PAIRS, MOST_PARTS).map(([from, to]) => {
    let pairs = 0;
    for (let i = from; i < to; i++) pairs += costs[i];
    return { from, to, pairs };
  });
}

/**
 * Counts the pairs of one part. Rows of both spaces are the same cells in the same order, those of `labels`.
 *
 * @param progress told after each tile
 */
export function countJoint(
  x: Space,
  y: Space,
  labels: readonly (string | null)[],
  part: JointPart,
  grid: HexGrid,
  progress: (done: number, total: number) => void = () => {},
): JointCounts {
  if (x.rows !== y.rows || x.rows !== labels.length) {
    throw new Error(
      `Internal error: spaces of ${x.rows} and ${y.rows} rows, ${labels.length} labels: they are not the same cells`,
    );
  }
  const codes = labelCodes(labels);
  const counts = new HexCounts(grid, 2);
  const scopes = new Uint8Array(x.rows);
  const partial = x.partial === true || y.partial === true;
  let undefinedPairs = 0;
  let index = -1;
  for (const tile of allPairTiles(x.rows)) {
    index++;
    if (index < part.from || index >= part.to) continue;
    const a = x.tile(tile);
    const b = y.tile(tile);
    for (let row = tile.rowStart; row < tile.rowEnd; row++) {
      const first = firstColumn(tile, row);
      const n = tile.columnEnd - first;
      const atA = (row - tile.rowStart) * a.stride + first - tile.columnStart;
      const atB = (row - tile.rowStart) * b.stride + first - tile.columnStart;
      const valid = x.defined[row] & y.defined[row];
      for (let j = 0; j < n; j++) {
        const column = first + j;
        if (
          (valid & x.defined[column] & y.defined[column]) === 0 ||
          (partial && Number.isNaN(a.values[atA + j] + b.values[atB + j]))
        ) {
          scopes[j] = UNCOUNTED;
          undefinedPairs++;
        } else {
          scopes[j] = codes[row] === codes[column] ? WITHIN : BETWEEN;
        }
      }
      counts.add(a.values, atA, b.values, atB, n, scopes);
    }
    progress(index - part.from + 1, part.to - part.from);
  }
  return {
    within: counts.entries(WITHIN),
    between: counts.entries(BETWEEN),
    undefined: undefinedPairs,
  };
}

/** The sum of the parts' counts, whatever their order. */
export function mergeJoint(parts: readonly JointCounts[]): JointCounts {
  return {
    within: sumEntries(parts.map((part) => part.within)),
    between: sumEntries(parts.map((part) => part.between)),
    undefined: parts.reduce((sum, part) => sum + part.undefined, 0),
  };
}

/** One hexagon of one scope, as a row of the table of joint histograms. */
export interface JointRow {
  readonly scope: 'within' | 'between';
  readonly hex_q: number;
  readonly hex_r: number;
  readonly x: number;
  readonly y: number;
  readonly pairs: number;
}

/** The hexagons that are not empty, within first, by r and then q. */
export function jointRows(counts: JointCounts, grid: HexGrid): JointRow[] {
  const rows = (scope: 'within' | 'between') =>
    counts[scope].map(([q, r, pairs]) => ({ scope, hex_q: q, hex_r: r, ...hexCenter(grid, q, r), pairs }));
  return [...rows('within'), ...rows('between')];
}

function sumEntries(lists: readonly (readonly [number, number, number][])[]): [number, number, number][] {
  const sums = new Map<string, [number, number, number]>();
  for (const list of lists) {
    for (const [q, r, count] of list) {
      const sum = sums.get(`${q},${r}`);
      if (sum === undefined) sums.set(`${q},${r}`, [q, r, count]);
      else sum[2] += count;
    }
  }
  return [...sums.values()].sort((a, b) => a[1] - b[1] || a[0] - b[0]);
}

/** Equal numbers for equal labels. */
function labelCodes(labels: readonly (string | null)[]): Int32Array {
  const codes = new Map<string | null, number>();
  return Int32Array.from(labels, (label) => {
    let code = codes.get(label);
    if (code === undefined) {
      code = codes.size;
      codes.set(label, code);
    }
    return code;
  });
}
