/** Reads the values of groups of pairs from a space: pairs without a value are left out. */
import type { Space, Tile, TileValues } from './space.ts';
import type { Task } from './tasks.ts';
import { firstColumn } from './tiles.ts';
import type { CellTypes } from './type-pairs.ts';

/** Rows and columns of the tiles that pieces of large groups are read in: 4 MB of values. */
const SIDE = 1024;

/** Told of each tile whose pairs are read, before they are. */
export type TileVisitor = (tile: Tile, values: TileValues) => void;

/** What values are read for. */
export interface ValueReader {
  /** Told of values, and of the type of their rows. They are overwritten by the next ones; there may be none. */
  visit(values: Float32Array, type: number): void;
  /** Where the next values go: at least `n` numbers, of which `visit` gets the first. Absent: anywhere. */
  room?(n: number): Float32Array;
  readonly visitTile?: TileVisitor;
}

/** Reads the values of the task's pairs: once for each whole group, or tile by tile for a piece of one. */
export function readTask(space: Space, types: CellTypes, task: Task, reader: ValueReader): void {
  const { visitTile = () => {}, room = (n) => new Float32Array(n) } = reader;
  const visit = reader.visit.bind(reader);
  const columnStart = types.starts[task.b];
  const columnEnd = types.starts[task.b + 1];
  const upper = task.rowStart >= columnStart;
  if (!task.piece) {
    const tile = { rowStart: task.rowStart, rowEnd: task.rowEnd, columnStart, columnEnd, upper };
    if (tile.rowEnd <= tile.rowStart || columnEnd <= columnStart) return;
    const values = space.tile(tile);
    visitTile(tile, values);
    for (let type = task.firstType; type <= task.lastType; type++) {
      const [start, end] = [types.starts[type], types.starts[type + 1]];
      visit(definedValues(space, tile, values, start, end, room), type);
    }
    return;
  }
  for (let rowStart = task.rowStart; rowStart < task.rowEnd; rowStart += SIDE) {
    const rowEnd = Math.min(task.rowEnd, rowStart + SIDE);
    for (let start = upper ? rowStart : columnStart; start < columnEnd; start += SIDE) {
      const tile = {
        rowStart,
        rowEnd,
        columnStart: start,
        columnEnd: Math.min(columnEnd, start + SIDE),
        upper,
      };
      const values = space.tile(tile);
      visitTile(tile, values);
      visit(definedValues(space, tile, values, rowStart, rowEnd, room), task.firstType);
    }
  }
}

/** The values of rows [rowStart, rowEnd) of a tile, one after the other, those of pairs with a value. */
function definedValues(
  space: Space,
  tile: Tile,
  { values, stride }: TileValues,
  rowStart: number,
  rowEnd: number,
  room: (n: number) => Float32Array,
): Float32Array {
  const { defined } = space;
  const all = defined.subarray(tile.columnStart, tile.columnEnd).every((flag) => flag === 1);
  const result = room((rowEnd - rowStart) * (tile.columnEnd - tile.columnStart));
  let n = 0;
  for (let row = rowStart; row < rowEnd; row++) {
    if (defined[row] === 0) continue;
    const first = firstColumn(tile, row);
    const at = (row - tile.rowStart) * stride - tile.columnStart;
    if (all) {
      if (first >= tile.columnEnd) continue;
      result.set(values.subarray(at + first, at + tile.columnEnd), n);
      n += tile.columnEnd - first;
    } else {
      for (let column = first; column < tile.columnEnd; column++) {
        if (defined[column] === 1) result[n++] = values[at + column];
      }
    }
  }
  return space.partial === true ? withoutNaN(result.subarray(0, n)) : result.subarray(0, n);
}

/** Moves the numbers to the front, in place. */
function withoutNaN(values: Float32Array): Float32Array {
  let n = 0;
  for (const value of values) if (!Number.isNaN(value)) values[n++] = value;
  return values.subarray(0, n);
}
