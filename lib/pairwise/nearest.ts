/**
 * Exact nearest neighbours of a space: every pair is looked at, once, for both of its cells. A part is a block of rows
 * against another; each finds the nearest of its own, and a row's neighbours are the nearest of all parts it is in.
 */
import { NearestKernel } from '../kernels/nearest.ts';
import { orientationOf } from './metric.ts';
import type { Space, Tile, TileValues } from './space.ts';

/** Rows and columns of a tile: 512 kB of values. */
const ROWS = 256;
const COLUMNS = 512;

/** About so many pairs a part; not so many blocks that bringing the parts together costs more than making them. */
const TARGET_PAIRS = 24_000_000;
const MOST_BLOCKS = 10;

/** Distance of a pair without value, of two rows that have values with others: as far as a correlation can be. */
export const WITHOUT_VALUE = 2;

/** Rows [rowStart, rowEnd) against [columnStart, columnEnd): the same rows, or later ones. */
export type NearestPart = {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly columnStart: number;
  readonly columnEnd: number;
};

/** Parts of nearly equal cost, from the number of rows alone. */
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

/** The nearest others of rows, rows × k, nearest first, ties by row number; −1 where there are no more. */
export interface NearestRows {
  readonly indices: Int32Array;
  readonly distances: Float32Array;
}

/** The k nearest others of the rows `first` …, found so far. */
export class NearestLists implements NearestRows {
  readonly indices: Int32Array;
  readonly distances: Float32Array;
  /** Of each row, the distance of its farthest neighbour: infinite until it has k. */
  readonly limits: Float32Array;
  readonly #first: number;
  readonly #k: number;

  constructor(first: number, end: number, k: number) {
    this.#first = first;
    this.#k = k;
    this.indices = new Int32Array((end - first) * k).fill(-1);
    this.distances = new Float32Array((end - first) * k).fill(Number.POSITIVE_INFINITY);
    this.limits = new Float32Array(end - first).fill(k === 0 ? -1 : Number.POSITIVE_INFINITY);
  }

  limitsOf(start: number, end: number): Float32Array {
    return this.limits.subarray(start - this.#first, end - this.#first);
  }

  offer(row: number, other: number, distance: number): void {
    const { indices, distances } = this;
    const at = (row - this.#first) * this.#k;
    let slot = at + this.#k - 1;
    // A place that is still free counts as farther than anything.
    if (!isNearer(distance, other, distances[slot], indices[slot])) return;
    for (; slot > at && isNearer(distance, other, distances[slot - 1], indices[slot - 1]); slot--) {
      distances[slot] = distances[slot - 1];
      indices[slot] = indices[slot - 1];
    }
    distances[slot] = distance;
    indices[slot] = other;
    this.limits[row - this.#first] = distances[at + this.#k - 1];
  }
}

const isNearer = (distance: number, index: number, than: number, thanIndex: number) =>
  distance < than || thanIndex < 0 || (distance === than && index < thanIndex);

/**
 * The nearest others among the cells of a part: of its rows, and of its columns if they are others. The distance of a
 * correlation or cosine is 1 minus it. Where the metric is not defined (a constant row, a row of zeros), distances
 * are umap-learn's: 0 between two such rows, 1 to any other.
 *
 * @param k the row itself counted
 */
export async function nearestOfPart(
  space: Space,
  k: number,
  { rowStart, rowEnd, columnStart, columnEnd }: NearestPart,
  { progress, signal }: { progress?: (rowsDone: number) => void; signal?: AbortSignal } = {},
): Promise<{ rows: NearestRows; columns?: NearestRows }> {
  const same = rowStart === columnStart;
  const kernel = await NearestKernel.create(ROWS, COLUMNS);
  const rows = new NearestLists(rowStart, rowEnd, k - 1);
  const columns = same ? rows : new NearestLists(columnStart, columnEnd, k - 1);
  for (let start = rowStart; start < rowEnd && k > 1; start += ROWS) {
    signal?.throwIfAborted();
    const end = Math.min(rowEnd, start + ROWS);
    for (let from = same ? start : columnStart; from < columnEnd; from += COLUMNS) {
      const to = Math.min(columnEnd, from + COLUMNS);
      const tile = { rowStart: start, rowEnd: end, columnStart: from, columnEnd: to, upper: same };
      const distances = loadDistances(kernel, space, tile, space.tile(tile));
      const places = kernel.candidates(rows.limitsOf(start, end), columns.limitsOf(from, to));
      for (const place of places) {
        const row = start + Math.floor(place / kernel.stride);
        const column = from + (place % kernel.stride);
        if (same && column <= row) continue;
        rows.offer(row, column, distances[place]);
        columns.offer(column, row, distances[place]);
      }
    }
    progress?.(end - rowStart);
  }
  return same ? { rows } : { rows, columns };
}

/** The tile's values as distances, in the kernel. */
function loadDistances(kernel: NearestKernel, space: Space, tile: Tile, { values, stride }: TileValues) {
  const { defined, partial = false } = space;
  const { rowStart, rowEnd, columnStart, columnEnd } = tile;
  const shape = { rows: rowEnd - rowStart, columns: columnEnd - columnStart, stride };
  const distances = kernel.load(values, shape, orientationOf(space.metric) === 'similarity');
  const isDefined = (start: number, end: number) => defined.subarray(start, end).every((flag) => flag === 1);
  if (!partial && isDefined(rowStart, rowEnd) && isDefined(columnStart, columnEnd)) return distances;
  for (let row = rowStart; row < rowEnd; row++) {
    const at = (row - rowStart) * kernel.stride - columnStart;
    for (let column = columnStart; column < columnEnd; column++) {
      if ((defined[row] & defined[column]) === 0)
        distances[at + column] = defined[row] === defined[column] ? 0 : 1;
      else if (Number.isNaN(distances[at + column])) distances[at + column] = WITHOUT_VALUE;
    }
  }
  return distances;
}

/** The neighbours of all rows, rows × k: the row itself first, at distance 0, then the nearest of all parts. */
export class NearestMerge {
  readonly indices: Int32Array;
  readonly distances: Float32Array;
  readonly #lists: NearestLists;
  readonly #k: number;
  readonly #rows: number;

  constructor(rows: number, k: number) {
    this.#rows = rows;
    this.#k = k;
    this.#lists = new NearestLists(0, rows, k - 1);
    this.indices = new Int32Array(rows * k);
    this.distances = new Float32Array(rows * k);
  }

  /** Adds what one part found of the rows from `first` on. Parts may come in any order. */
  add(first: number, { indices, distances }: NearestRows): void {
    const others = this.#k - 1;
    for (let i = 0; i < indices.length; i++) {
      if (indices[i] >= 0) this.#lists.offer(first + Math.floor(i / others), indices[i], distances[i]);
    }
  }

  /** All parts must have been added. */
  result(): NearestRows {
    const others = this.#k - 1;
    for (let row = 0; row < this.#rows; row++) {
      const [from, to] = [row * others, row * this.#k];
      this.indices[to] = row;
      this.indices.set(this.#lists.indices.subarray(from, from + others), to + 1);
      this.distances.set(this.#lists.distances.subarray(from, from + others), to + 1);
    }
    return this;
  }
}

/** The k nearest of all rows of a space, by this thread alone. */
export async function nearestRows(space: Space, k: number): Promise<NearestRows> {
  const merge = new NearestMerge(space.rows, k);
  for (const part of nearestParts(space.rows)) {
    const { rows, columns } = await nearestOfPart(space, k, part);
    merge.add(part.rowStart, rows);
    if (columns !== undefined) merge.add(part.columnStart, columns);
  }
  return merge.result();
}
