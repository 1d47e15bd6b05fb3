/**
 * Relations at cut-offs: two cells are related at c if their similarity is at least c, or their distance at most
 * c. Every pair is put into the bin of the strictest cut-off that it passes, for both of its cells, by whether it has
 * the same label and the same batch; what holds at each cut-off is summed up when all parts are together.
 */
import type { Orientation } from '../formats/result-tables.ts';
import { packCounts, unpackCounts } from './packed-counts.ts';
import type { Tile, TileValues } from './space.ts';
import { firstColumn } from './tiles.ts';

/** Kinds of pairs by batch. Without any batch all are `SAME`, and mean nothing. */
export const SAME = 0;
export const OTHER = 1;
/** At least one of the cells has no batch. */
export const UNKNOWN = 2;

/** The cells of a space in its order, by codes from 0; −1 is no batch. */
export interface CellGroups {
  readonly labels: Int32Array;
  /** Absent if no cell has a batch. */
  readonly batches?: Int32Array;
}

/** Codes of labels and batches, of the cells in this order. */
export function cellGroups(
  labels: readonly string[],
  batches: readonly (string | null)[],
  order: Int32Array,
): CellGroups {
  const inOrder = (names: readonly (string | null)[]) => {
    const codes = new Map<string | null, number>([[null, -1]]);
    return Int32Array.from(order, (cell) => {
      const name = names[cell];
      const code = codes.get(name) ?? codes.size - 1;
      codes.set(name, code);
      return code;
    });
  };
  const found = inOrder(batches);
  return { labels: inOrder(labels), batches: found.some((code) => code >= 0) ? found : undefined };
}

/** Kinds by batch that there are, counted apart; with labels twice as many classes of pairs. */
export function kindsOf({ batches }: CellGroups): 1 | 2 | 3 {
  if (batches === undefined) return 1;
  return batches.includes(-1) ? 3 : 2;
}

/** Length of the counts of a measure. */
export const countsLength = (grid: readonly number[], groups: CellGroups) =>
  groups.labels.length * grid.length * kindsOf(groups) * 2;

/** Buckets of the table that leads from a value to its bin. */
const BUCKETS = 1024;

/** Counts pairs by cell, bin and class: counts[(cell · cut-offs + bin) · classes + class], class = kinds · (other label) + kind. */
export class RelationCounts {
  readonly counts: Uint32Array;
  readonly #groups: CellGroups;
  readonly #kinds: number;
  readonly #defined: Uint8Array;
  readonly #distance: boolean;
  readonly #grid: Float32Array;
  #buckets: Uint16Array;

  /** @param grid cut-offs, ascending, at least one; compared as 32-bit floats, as values are */
  constructor(orientation: Orientation, grid: readonly number[], groups: CellGroups, defined: Uint8Array) {
    this.#groups = groups;
    this.#kinds = kindsOf(groups);
    this.#defined = defined;
    this.#distance = orientation === 'distance';
    this.#grid = Float32Array.from(grid);
    this.counts = new Uint32Array(countsLength(grid, groups));
    this.#buckets = new Uint16Array(BUCKETS + 1);
    // How many cut-offs lie in earlier buckets, hence below every value of this one.
    for (const cutoff of this.#grid) {
      for (let bucket = this.#bucketOf(cutoff) + 1; bucket <= BUCKETS; bucket++) this.#buckets[bucket]++;
    }
    // A similarity belongs to the last cut-off that is not above it.
    if (!this.#distance) this.#buckets = this.#buckets.map((n) => Math.max(0, n - 1));
  }

  get #scale(): number {
    const grid = this.#grid;
    const range = grid[grid.length - 1] - grid[0];
    return range > 0 ? BUCKETS / range : 0;
  }

  #bucketOf(value: number): number {
    return ((value - this.#grid[0]) * this.#scale) | 0;
  }

  /** Adds the pairs of a tile. */
  add(tile: Tile, { values, stride }: TileValues): void {
    const { labels, batches = labels } = this.#groups;
    const kinds = this.#kinds;
    const classes = 2 * kinds;
    const grid = this.#grid;
    const width = grid.length * classes;
    const last = grid.length - 1;
    const lowest = grid[0];
    const highest = grid[last];
    const scale = this.#scale;
    const distance = this.#distance;
    const counts = this.counts;
    const defined = this.#defined;
    const buckets = this.#buckets;
    // A row's own counts, in two copies by turns: adding to the same number twice in a row would wait for itself.
    const own = new Uint32Array(2 * width);
    for (let row = tile.rowStart; row < tile.rowEnd; row++) {
      if (defined[row] === 0) continue;
      const label = labels[row];
      const batch = batches[row];
      const at = (row - tile.rowStart) * stride - tile.columnStart;
      for (let column = firstColumn(tile, row); column < tile.columnEnd; column++) {
        const value = values[at + column];
        let bin: number;
        // Written so that a pair without a value (NaN) is no relation.
        if (distance) {
          if (!(value <= highest)) continue;
          bin = value <= lowest ? 0 : buckets[((value - lowest) * scale) | 0];
          while (grid[bin] < value) bin++;
        } else {
          if (!(value >= lowest)) continue;
          if (value >= highest) bin = last;
          else {
            bin = buckets[((value - lowest) * scale) | 0];
            while (grid[bin + 1] <= value) bin++;
          }
        }
        if (defined[column] === 0) continue;
        let place = bin * classes + (labels[column] === label ? 0 : kinds);
        if (kinds > 1) {
          const other = batches[column];
          place += batch < 0 || other < 0 ? UNKNOWN : other === batch ? SAME : OTHER;
        }
        counts[column * width + place]++;
        own[(column & 1) * width + place]++;
      }
      const to = row * width;
      for (let place = 0; place < width; place++) counts[to + place] += own[place] + own[width + place];
      own.fill(0);
    }
  }
}

/** What one part counts, as plain data. */
export interface Relations {
  readonly cutoffs: readonly number[];
  readonly packed: string;
}

export const packRelations = (cutoffs: readonly number[], { counts }: RelationCounts): Relations => ({
  cutoffs,
  packed: packCounts(counts),
});

/** The sum of the parts' counts, of an array of `length`. */
export function mergeRelations(parts: readonly Relations[], length: number): Uint32Array {
  const sums = new Uint32Array(length);
  for (const { packed } of parts) {
    unpackCounts(packed, length, (i, count) => {
      sums[i] += count;
    });
  }
  return sums;
}
