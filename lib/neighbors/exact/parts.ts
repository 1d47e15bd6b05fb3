/**
 * Exact nearest neighbours of a space, in parts: every pair is computed once, for both of its cells. A part is a block of
 * rows against another block. Each part finds the nearest among its pairs, and a row's neighbours are the nearest over all
 * parts that contain it.
 */
import { NearestKernel, type NearestRows } from '../../kernels/nearest.ts';
import { orientationOf } from '../../pairwise/spaces/metric.ts';
import type { Space, Tile, TileValues } from '../../pairwise/spaces/space.ts';

/** Size of a tile: 512 kB of values. */
const ROWS = 256;
const COLUMNS = 512;

/** Pairs per part, and the largest number of blocks, beyond which merging parts would cost more than computing them. */
const TARGET_PAIRS = 24_000_000;
const MOST_BLOCKS = 10;

/** Distance of a pair without a value, of two rows that have values with others: the largest distance of a correlation. */
export const WITHOUT_VALUE = 2;

/** Part: rows [rowStart, rowEnd) against rows [columnStart, columnEnd), which are the same rows or later ones. */
export type NearestPart = {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly columnStart: number;
  readonly columnEnd: number;
};

/** Returns parts of nearly equal cost, which depend on the number of rows only. */
export function nearestParts(rows: number): (NearestPart & { readonly pairs: number })[] {
  const pairs = (rows * (rows - 1)) / 2;
  const blocks = Math.max(1, Math.min(MOST_BLOCKS, rows, Math.ceil(Math.sqrt((2 * pairs) / TARGET_PAIRS))));
  const bounds = Array.from({ length: blocks + 1 }, (_, i) => Math.floor((i * rows) / blocks));
  const parts: (NearestPart & { readonly pairs: number })[] = [];
  for (let i = 0; i < blocks && rows > 0; i++) {
    for (let j = i; j < blocks; j++) {
      const [rowStart, rowEnd, columnStart, columnEnd] = [bounds[i], bounds[i + 1], bounds[j], bounds[j + 1]];
      const n = rowEnd - rowStart;
      const own = i === j ? (n * (n - 1)) / 2 : n * (columnEnd - columnStart);
      parts.push({ rowStart, rowEnd, columnStart, columnEnd, pairs: own });
    }
  }
  return parts;
}

/**
 * Finds the nearest other cells within a part: for its rows, and for its columns if they are different cells. The distance
 * of a correlation or cosine is 1 minus it. Where the metric is not defined (a constant row, a row of zeros), distances
 * are umap-learn's: 0 between two such rows, 1 to any other.
 *
 * @param k length of lists, the row itself counted
 * @param of 'columns': only the columns get lists, of the nearest rows
 */
export async function nearestOfPart(
  space: Space,
  k: number,
  { rowStart, rowEnd, columnStart, columnEnd }: NearestPart,
  { of = 'both', progress, signal }: PartOptions = {},
): Promise<{ rows?: NearestRows; columns?: NearestRows }> {
  const same = rowStart === columnStart;
  const forRows = of === 'both';
  const rows = rowEnd - rowStart;
  const columns = columnEnd - columnStart;
  // Lists of the rows come first.
  const ofColumns = same || !forRows ? 0 : rows;
  const lists = same ? rows : ofColumns + columns;
  const kernel = await NearestKernel.create({ rows: ROWS, columns: COLUMNS }, lists, k - 1);
  for (let start = rowStart; start < rowEnd && k > 1; start += ROWS) {
    signal?.throwIfAborted();
    const end = Math.min(rowEnd, start + ROWS);
    for (let from = same ? start : columnStart; from < columnEnd; from += COLUMNS) {
      const to = Math.min(columnEnd, from + COLUMNS);
      const tile = { rowStart: start, rowEnd: end, columnStart: from, columnEnd: to, upper: same };
      loadDistances(kernel, space, tile, space.tile(tile));
      kernel.meet({
        row: start,
        column: from,
        rowList: forRows ? start - rowStart : undefined,
        columnList: ofColumns + from - columnStart,
        isUpper: same,
      });
    }
    progress?.(end - rowStart);
  }
  return {
    rows: forRows ? kernel.nearest(0, rows) : undefined,
    columns: same ? undefined : kernel.nearest(ofColumns, columns),
  };
}

interface PartOptions {
  readonly of?: 'both' | 'columns';
  readonly progress?: (rowsDone: number) => void;
  readonly signal?: AbortSignal;
}

/** Loads the values of a tile into the kernel as distances. */
function loadDistances(
  kernel: NearestKernel,
  space: Space,
  tile: Tile,
  { values, stride }: TileValues,
): void {
  const { defined, partial = false } = space;
  const { rowStart, rowEnd, columnStart, columnEnd } = tile;
  const shape = { rows: rowEnd - rowStart, columns: columnEnd - columnStart, stride };
  const distances = kernel.load(values, shape, orientationOf(space.metric) === 'similarity');
  const isDefined = (start: number, end: number) => defined.subarray(start, end).every((flag) => flag === 1);
  if (!partial && isDefined(rowStart, rowEnd) && isDefined(columnStart, columnEnd)) return;
  for (let row = rowStart; row < rowEnd; row++) {
    const at = (row - rowStart) * kernel.stride - columnStart;
    for (let column = columnStart; column < columnEnd; column++) {
      if ((defined[row] & defined[column]) === 0)
        distances[at + column] = defined[row] === defined[column] ? 0 : 1;
      else if (Number.isNaN(distances[at + column])) distances[at + column] = WITHOUT_VALUE;
    }
  }
}
