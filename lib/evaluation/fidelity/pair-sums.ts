/**
 * Contributions of every cell, and of every pair of types, to the statistics of all pairs. They are collected from the
 * tiles of the only pass over the pairs, so that cells and types can be resampled afterwards without a further pass.
 */
import { NeighborLists } from '../../neighbors/neighbor-lists.ts';
import { orientationOf } from '../../pairwise/spaces/metric.ts';
import type { Space } from '../../pairwise/spaces/space.ts';
import type { TileVisitor } from '../../pairwise/tiles/group-values.ts';
import { firstColumn } from '../../pairwise/tiles/tiles.ts';
import { type CellTypes, groupCount, groupOf } from '../../pairwise/tiles/type-pairs.ts';
import { coarseBinsOf, fineBin, type ValueShares } from './value-shares.ts';

/** Number of sums over a set of pairs: count, values, squared values, and shares of `ValueShares`. */
export const SCOPE_SUMS = 4;
/** Number of sums of a cell: those over its pairs within types, and then those over its pairs between types. */
export const CELL_SUMS = 2 * SCOPE_SUMS;

/** Returns the number of sums of a pair of types: count, values, squared values, and the coarse histogram. */
export const groupSumsOf = (types: number): number => 3 + coarseBinsOf(types);

/** Sums over all pairs, or over some of them. */
export class PairSums {
  /** Sums by position in the space, positions × CELL_SUMS. */
  readonly cells: Float64Array;
  /** Sums by group, groups × `groupSumsOf` the number of types. */
  readonly groups: Float64Array;
  /** Nearest neighbours: rows are positions, neighbours are cells. */
  readonly nearest: NeighborLists;

  /** @param k number of neighbours of a cell; if there are fewer other cells, all of them */
  constructor(types: CellTypes, k: number) {
    const rows = types.order.length;
    this.cells = new Float64Array(rows * CELL_SUMS);
    this.groups = new Float64Array(groupCount(types) * groupSumsOf(types.names.length));
    this.nearest = new NeighborLists(rows, Math.max(0, Math.min(k, rows - 1)));
  }

  /** Adds the sums and neighbours of a part. */
  merge(part: PackedSums): void {
    for (let i = 0; i < part.cells.length; i++) this.cells[i] += part.cells[i];
    const { firstGroup } = part;
    for (let i = 0; i < part.groups.length; i++) this.groups[firstGroup + i] += part.groups[i];
    this.nearest.merge(part.indices, part.distances);
  }
}

/** Result of a part: cells and neighbours are a prefix, up to the last position in the part's pairs. */
export interface PackedSums {
  readonly cells: Float64Array;
  /** Sums of the part's groups, which are consecutive, and their offset in the sums of all groups. */
  readonly groups: Float64Array;
  readonly firstGroup: number;
  readonly indices: Int32Array;
  readonly distances: Float32Array;
}

/** Returns a visitor that adds the pairs of tiles to sums. Columns of a tile are of one type; rows may be of several. */
export function pairAdder(sums: PairSums, space: Space, types: CellTypes, shares: ValueShares): TileVisitor {
  const { cells, groups, nearest } = sums;
  const { limits } = nearest;
  const { defined } = space;
  const { order, starts } = types;
  const width = groupSumsOf(types.names.length);
  const { lo, scale, coarse } = shares;
  const isSimilarity = orientationOf(space.metric) === 'similarity';
  const typeOf = new Int32Array(space.rows);
  for (let t = 0; t < types.names.length; t++) typeOf.fill(t, starts[t], starts[t + 1]);
  return (tile, { values, stride }) => {
    const b = typeOf[tile.columnStart];
    for (let row = tile.rowStart; row < tile.rowEnd; row++) {
      if (defined[row] === 0) continue;
      const a = typeOf[row];
      const group = groupOf(a, b) * width;
      const scope = a === b ? 0 : SCOPE_SUMS;
      const shareOf = a === b ? shares.within : shares.between;
      const at = (row - tile.rowStart) * stride - tile.columnStart;
      let [n, sum, squares, share] = [0, 0, 0, 0];
      for (let column = firstColumn(tile, row); column < tile.columnEnd; column++) {
        if (defined[column] === 0) continue;
        const value = values[at + column];
        const bin = fineBin(lo, scale, value);
        const own = shareOf[bin];
        const square = value * value;
        n++;
        sum += value;
        squares += square;
        share += own;
        const other = column * CELL_SUMS + scope;
        cells[other]++;
        cells[other + 1] += value;
        cells[other + 2] += square;
        cells[other + 3] += own;
        groups[group + 3 + coarse[bin]]++;
        // In 32 bits, as in the stage `neighbors`, so that ties are the same.
        const distance = isSimilarity ? Math.fround(1 - value) : value;
        if (distance <= limits[row]) nearest.offer(row, order[column], distance);
        if (distance <= limits[column]) nearest.offer(column, order[row], distance);
      }
      const first = row * CELL_SUMS + scope;
      cells[first] += n;
      cells[first + 1] += sum;
      cells[first + 2] += squares;
      cells[first + 3] += share;
      groups[group] += n;
      groups[group + 1] += sum;
      groups[group + 2] += squares;
    }
  };
}
