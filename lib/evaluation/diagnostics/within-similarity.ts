/** Mean similarity of a cell to the other cells of its type. */
import type { Space } from '../../pairwise/spaces/space.ts';
import { type CellTypes, typeSize } from '../../pairwise/tiles/type-pairs.ts';

/** Side of a tile. */
const SIDE = 512;

/**
 * Computes, for each cell in the original order, the mean of its values with the other cells of its type; NaN if there is
 * none. Rows of `space` are the cells in the order of `types`.
 */
export function withinSimilarity(space: Space, types: CellTypes): Float64Array {
  const sums = new Float64Array(space.rows);
  const others = new Int32Array(space.rows);
  for (let type = 0; type < types.names.length; type++) {
    const start = types.starts[type];
    const end = start + typeSize(types, type);
    for (let rowStart = start; rowStart < end; rowStart += SIDE) {
      for (let columnStart = rowStart; columnStart < end; columnStart += SIDE) {
        addTile(space, sums, others, {
          rowStart,
          rowEnd: Math.min(end, rowStart + SIDE),
          columnStart,
          columnEnd: Math.min(end, columnStart + SIDE),
          upper: columnStart === rowStart,
        });
      }
    }
  }
  const means = new Float64Array(space.rows);
  for (let i = 0; i < space.rows; i++) means[types.order[i]] = sums[i] / others[i];
  return means;
}

function addTile(
  space: Space,
  sums: Float64Array,
  others: Int32Array,
  tile: Parameters<Space['tile']>[0],
): void {
  const { values, stride } = space.tile(tile);
  for (let row = tile.rowStart; row < tile.rowEnd; row++) {
    if (space.defined[row] === 0) continue;
    const at = (row - tile.rowStart) * stride - tile.columnStart;
    for (let column = tile.upper ? row + 1 : tile.columnStart; column < tile.columnEnd; column++) {
      if (space.defined[column] === 0) continue;
      const value = values[at + column];
      sums[row] += value;
      sums[column] += value;
      others[row]++;
      others[column]++;
    }
  }
}
