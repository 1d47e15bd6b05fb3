/** Exact nearest neighbours of a space: every pair is looked at. */
import { orientationOf } from './metric.ts';
import type { Space } from './space.ts';
import { evenRuns } from './tiles.ts';

/** Rows and columns of a tile: 1 MB of values, and enough rows for a panel of columns to pay off. */
const ROWS = 256;
const COLUMNS = 1024;

/** About a second of work a part; a pair costs twice, once from each side. */
const TARGET_PAIRS = 16_000_000;
const MOST_PARTS = 64;

/** Row ranges of nearly equal cost, from the number of rows alone. */
export function nearestParts(rows: number): { rowStart: number; rowEnd: number; pairs: number }[] {
  const blocks = Array.from({ length: Math.ceil(rows / ROWS) }, () => ROWS * rows);
  return evenRuns(blocks, TARGET_PAIRS, MOST_PARTS).map(([from, to]) => {
    const rowEnd = Math.min(rows, to * ROWS);
    return { rowStart: from * ROWS, rowEnd, pairs: (rowEnd - from * ROWS) * rows };
  });
}

/** Distance of a pair without value, of two rows that have values with others: as far as a correlation can be. */
export const WITHOUT_VALUE = 2;

/** The k nearest of each row of a range, rows × k, nearest first. */
export interface NearestRows {
  readonly indices: Int32Array;
  readonly distances: Float32Array;
}

/**
 * The k nearest neighbours of the rows [rowStart, rowEnd): the row itself first, at distance 0, then others by
 * distance, ties by row number. The distance of a correlation or cosine is 1 minus it. Where the metric is not
 * defined (a constant row, a row of zeros), distances are umap-learn's: 0 between two such rows, 1 to any other.
 *
 * @param k the row itself counted; at most the number of rows
 */
export function nearestRows(
  space: Space,
  k: number,
  rowStart: number,
  rowEnd: number,
  { progress, signal }: { progress?: (rowsDone: number) => void; signal?: AbortSignal } = {},
): NearestRows {
  const n = rowEnd - rowStart;
  const result = { indices: new Int32Array(n * k), distances: new Float32Array(n * k) };
  for (let start = rowStart; start < rowEnd; start += ROWS) {
    signal?.throwIfAborted();
    const end = Math.min(rowEnd, start + ROWS);
    nearestOfBlock(space, k, start, end, result, start - rowStart);
    progress?.(end - rowStart);
  }
  return result;
}

function nearestOfBlock(
  space: Space,
  k: number,
  start: number,
  end: number,
  { indices, distances }: NearestRows,
  firstSlot: number,
): void {
  const similarity = orientationOf(space.metric) === 'similarity';
  const { defined, partial = false } = space;
  const found = new Int32Array(end - start).fill(1);
  for (let row = start; row < end; row++) indices[(firstSlot + row - start) * k] = row;
  for (let columnStart = 0; columnStart < space.rows; columnStart += COLUMNS) {
    const columnEnd = Math.min(space.rows, columnStart + COLUMNS);
    const { values, stride } = space.tile({ rowStart: start, rowEnd: end, columnStart, columnEnd });
    for (let row = start; row < end; row++) {
      const first = (firstSlot + row - start) * k;
      const at = (row - start) * stride - columnStart;
      let held = found[row - start];
      let farthest = held === k ? distances[first + k - 1] : Number.POSITIVE_INFINITY;
      for (let column = columnStart; column < columnEnd; column++) {
        if (column === row) continue;
        let distance: number;
        if ((defined[row] & defined[column]) === 0) distance = defined[row] === defined[column] ? 0 : 1;
        else distance = similarity ? Math.fround(1 - values[at + column]) : values[at + column];
        if (partial && Number.isNaN(distance)) distance = WITHOUT_VALUE;
        // Columns ascend: an equal distance later never comes before.
        if (held === k && distance >= farthest) continue;
        if (held < k) held++;
        let slot = first + held - 1;
        for (; slot > first + 1 && distances[slot - 1] > distance; slot--) {
          distances[slot] = distances[slot - 1];
          indices[slot] = indices[slot - 1];
        }
        if (slot > first) {
          distances[slot] = distance;
          indices[slot] = column;
        }
        if (held === k) farthest = distances[first + k - 1];
      }
      found[row - start] = held;
    }
  }
}
