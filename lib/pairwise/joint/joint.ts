/**
 * Joint histogram of two spaces over all pairs of their cells: how one measure of likeness varies with another. Both
 * values of a pair are computed, binned and discarded, tile by tile.
 */
import type { Columns } from '../../data/kinds/types.ts';
import type { pairHistogramTable } from '../../data/results/tables.ts';
import { HexKernel } from '../../kernels/hexagons.ts';
import type { Space, Tile } from '../spaces/space.ts';
import { allPairTiles, evenRuns, pairsOf } from '../tiles/tiles.ts';
import { axialOf, type HexGrid, hexCells, hexCenter } from './hexagons.ts';

/** Share of the pairs: tiles [from, to) of all tiles, in their fixed order. */
export type JointPart = { readonly from: number; readonly to: number; readonly pairs: number };

/** Counts of pairs by hexagon [q, r, pairs], as plain data; sorted by r, then q. */
export interface JointCounts {
  readonly within: [number, number, number][];
  readonly between: [number, number, number][];
  /** Number of pairs without a value in one or both measures, which are in no hexagon. */
  readonly undefined: number;
}

/** Pairs per part: a fraction of a second of work, so that the fixed cost of a part, some 20 ms, stays small. */
const TARGET_PAIRS = 24_000_000;
/** Largest number of parts, unless a part would then have more pairs than the kernel can count in one hexagon. */
const MOST_PARTS = 64;
const MOST_PART_PAIRS = 2 ** 31;

/**
 * Splits the pairs of `rows` cells into parts.
 *
 * @param mostPairs pairs of one part, give or take a tile; smaller in tests
 */
export function planJoint(rows: number, mostPairs = MOST_PART_PAIRS): JointPart[] {
  const costs = Array.from(allPairTiles(rows), pairsOf);
  const most = Math.max(MOST_PARTS, Math.ceil((rows * (rows - 1)) / 2 / mostPairs));
  return evenRuns(costs, Math.min(TARGET_PAIRS, mostPairs), most).map(([from, to]) => {
    let pairs = 0;
    for (let i = from; i < to; i++) pairs += costs[i];
    return { from, to, pairs };
  });
}

/** Columns of a tile that are computed at once, so that the values of both measures stay in a core's own cache. */
const STRIP = 128;

/**
 * Counts the pairs of one part. The rows of both spaces and the entries of `codes` are the same cells in the same order.
 *
 * @param codes equal numbers for equal labels: see `labelCodes`
 * @param progress called after each tile
 */
export async function countJoint(
  x: Space,
  y: Space,
  codes: Int32Array,
  part: JointPart,
  grid: HexGrid,
  progress: (done: number, total: number) => void = () => {},
): Promise<JointCounts> {
  if (x.rows !== y.rows || x.rows !== codes.length) {
    throw new Error(
      `Internal error: spaces of ${x.rows} and ${y.rows} rows, ${codes.length} labels: they are not the same cells`,
    );
  }
  const counted = codes.map((code, i) => ((x.defined[i] & y.defined[i]) === 0 ? -1 : code));
  const cells = hexCells(grid);
  const kernel = await HexKernel.create(cells, y.shared?.kernelRows);
  let pairs = 0;
  let index = -1;
  for (const tile of allPairTiles(x.rows)) {
    index++;
    if (index < part.from || index >= part.to) continue;
    pairs += pairsOf(tile);
    const rowCodes = counted.subarray(tile.rowStart, tile.rowEnd);
    for (const strip of strips(tile)) {
      const { columnStart, columnEnd } = strip;
      kernel.addTile({
        x: x.tile(strip),
        y: y.tile(strip),
        rowCodes,
        columnCodes: counted.subarray(columnStart, columnEnd),
        skip: tile.upper ? tile.rowStart + 1 - columnStart : -rowCodes.length,
      });
    }
    progress(index - part.from + 1, part.to - part.from);
  }
  const within: [number, number, number][] = [];
  const between: [number, number, number][] = [];
  for (const { cell, same, other } of kernel.takeCounts()) {
    const { q, r } = axialOf(cells, cell);
    if (same > 0) within.push([q, r, same]);
    if (other > 0) between.push([q, r, other]);
    pairs -= same + other;
  }
  return { within, between, undefined: pairs };
}

/** Splits a tile into strips of columns. */
function* strips(tile: Tile): Generator<Tile> {
  for (let columnStart = tile.columnStart; columnStart < tile.columnEnd; columnStart += STRIP) {
    yield { ...tile, columnStart, columnEnd: Math.min(tile.columnEnd, columnStart + STRIP) };
  }
}

/** Sum of the parts' counts; their order does not matter. */
export class JointSums {
  readonly #within = new HexagonSums();
  readonly #between = new HexagonSums();
  #undefined = 0;

  add({ within, between, undefined: none }: JointCounts): void {
    this.#within.add(within);
    this.#between.add(between);
    this.#undefined += none;
  }

  result(): JointCounts {
    return {
      within: this.#within.sorted(),
      between: this.#between.sorted(),
      undefined: this.#undefined,
    };
  }
}

/** Row of the table: one hexagon of one scope. */
export interface JointRow {
  readonly scope: 'within' | 'between';
  readonly hex_q: number;
  readonly hex_r: number;
  readonly x: number;
  readonly y: number;
  /** Steps of the grid: see `HexGrid`. */
  readonly step_x: number;
  readonly step_y: number;
  readonly pairs: number;
}

/** Returns the hexagons that are not empty, within first, by r and then q. */
export function jointRows(counts: JointCounts, grid: HexGrid): JointRow[] {
  const rows = (scope: 'within' | 'between') =>
    counts[scope].map(([q, r, pairs]) => {
      const steps = { step_x: grid.stepX, step_y: grid.stepY };
      return { scope, hex_q: q, hex_r: r, ...hexCenter(grid, q, r), ...steps, pairs };
    });
  return [...rows('within'), ...rows('between')];
}

/** Returns the hexagons as a table. @param grid undefined if a measure has no value: then nothing was counted */
export function histogramColumns(
  counts: JointCounts,
  grid: HexGrid | undefined,
): Columns<typeof pairHistogramTable> {
  const rows = grid === undefined ? [] : jointRows(counts, grid);
  return {
    scope: rows.map(({ scope }) => scope),
    hex_q: Int32Array.from(rows, ({ hex_q }) => hex_q),
    hex_r: Int32Array.from(rows, ({ hex_r }) => hex_r),
    x: Float64Array.from(rows, ({ x }) => x),
    y: Float64Array.from(rows, ({ y }) => y),
    step_x: Float64Array.from(rows, ({ step_x }) => step_x),
    step_y: Float64Array.from(rows, ({ step_y }) => step_y),
    pairs: Float64Array.from(rows, ({ pairs }) => pairs),
  };
}

class HexagonSums {
  readonly #sums = new Map<string, [number, number, number]>();

  add(list: readonly (readonly [number, number, number])[]): void {
    for (const [q, r, count] of list) {
      const sum = this.#sums.get(`${q},${r}`);
      if (sum === undefined) this.#sums.set(`${q},${r}`, [q, r, count]);
      else sum[2] += count;
    }
  }

  sorted(): [number, number, number][] {
    return [...this.#sums.values()].sort((a, b) => a[1] - b[1] || a[0] - b[0]);
  }
}

/** Encodes labels as numbers from 0, equal for equal labels, in order of first occurrence. */
export function labelCodes(labels: readonly (string | null)[]): Int32Array {
  const codes = new Map<string | null, number>();
  const found = new Int32Array(labels.length);
  for (let i = 0; i < labels.length; i++) {
    let code = codes.get(labels[i]);
    if (code === undefined) {
      code = codes.size;
      codes.set(labels[i], code);
    }
    found[i] = code;
  }
  return found;
}
