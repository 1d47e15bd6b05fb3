/** Reading of the values of groups of pairs from a space; pairs without a value are left out. */
import { oneRow, type ValueRows } from '../../kernels/counts.ts';
import type { Space, Tile, TileValues } from '../spaces/space.ts';
import type { Task } from './tasks.ts';
import { firstColumn } from './tiles.ts';
import type { CellTypes } from './type-pairs.ts';

/** Side of the tiles in which pieces of large groups are read: 4 MB of values. */
const SIDE = 1024;

/** Callback for each tile whose pairs are read, called before they are visited. */
export type TileVisitor = (tile: Tile, values: TileValues) => void;

/** Callbacks that receive values as they are read. */
export interface ValueReader {
  /** Receives values and the type of their rows. The next values overwrite them; there may be none. */
  visit(values: ValueRows, type: number): void;
  readonly visitTile?: TileVisitor;
}

/** Reads the values of the task's pairs: once for each whole group, or tile by tile for a piece of one. */
export function readTask(space: Space, types: CellTypes, task: Task, reader: ValueReader): void {
  const { visitTile = () => {} } = reader;
  const columnStart = types.starts[task.b];
  const columnEnd = types.starts[task.b + 1];
  const upper = task.rowStart >= columnStart;
  if (!task.piece) {
    const tile = { rowStart: task.rowStart, rowEnd: task.rowEnd, columnStart, columnEnd, upper };
    if (tile.rowEnd <= tile.rowStart || columnEnd <= columnStart) return;
    const values = space.tile(tile);
    visitTile(tile, values);
    for (let type = task.firstType; type <= task.lastType; type++) {
      reader.visit(rowsOfTile(space, tile, values, types.starts[type], types.starts[type + 1]), type);
    }
    return;
  }
  for (let rowStart = task.rowStart; rowStart < task.rowEnd; rowStart += SIDE) {
    const rowEnd = Math.min(task.rowEnd, rowStart + SIDE);
    for (let start = upper ? rowStart : columnStart; start < columnEnd; start += SIDE) {
      // Only the first tile of a row of tiles lies on the diagonal.
      const tile = {
        rowStart,
        rowEnd,
        columnStart: start,
        columnEnd: Math.min(columnEnd, start + SIDE),
        upper: upper && start === rowStart,
      };
      const values = space.tile(tile);
      visitTile(tile, values);
      reader.visit(rowsOfTile(space, tile, values, rowStart, rowEnd), task.firstType);
    }
  }
}

/**
 * Returns the values of rows [rowStart, rowEnd) of a tile as a view; if some pairs have no value, a copy without them.
 */
function rowsOfTile(
  space: Space,
  tile: Tile,
  values: TileValues,
  rowStart: number,
  rowEnd: number,
): ValueRows {
  const { columnStart, columnEnd, upper = false } = tile;
  const isDefined = (from: number, to: number) => !space.defined.subarray(from, to).includes(0);
  if (space.partial === true || !isDefined(rowStart, rowEnd) || !isDefined(columnStart, columnEnd)) {
    return oneRow(definedValues(space, tile, values, rowStart, rowEnd));
  }
  // The columns of a tile on the diagonal begin at its first row, of which all but one lie above the diagonal.
  const columns = columnEnd - columnStart - (upper ? 1 : 0);
  return {
    values: values.values,
    first: (rowStart - tile.rowStart) * values.stride + (upper ? 1 : 0),
    rows: upper ? Math.min(rowEnd - rowStart, columns) : rowEnd - rowStart,
    columns,
    stride: values.stride,
    upper,
    inKernel: space.shared !== undefined,
  };
}

/** Copies the values of rows [rowStart, rowEnd) of a tile, one after the other, without pairs that have no value. */
function definedValues(
  { defined, partial }: Space,
  tile: Tile,
  { values, stride }: TileValues,
  rowStart: number,
  rowEnd: number,
): Float32Array {
  const result = new Float32Array((rowEnd - rowStart) * (tile.columnEnd - tile.columnStart));
  let n = 0;
  for (let row = rowStart; row < rowEnd; row++) {
    if (defined[row] === 0) continue;
    const at = (row - tile.rowStart) * stride - tile.columnStart;
    for (let column = firstColumn(tile, row); column < tile.columnEnd; column++) {
      if (defined[column] === 1) result[n++] = values[at + column];
    }
  }
  return partial === true ? withoutNaN(result.subarray(0, n)) : result.subarray(0, n);
}

/** Removes NaN in place, by moving the numbers to the front. */
function withoutNaN(values: Float32Array): Float32Array {
  let n = 0;
  for (const value of values) if (!Number.isNaN(value)) values[n++] = value;
  return values.subarray(0, n);
}
