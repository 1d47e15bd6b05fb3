/** Lattice sample of blocks of pairs: a share of an area of pairs, in which every cell occurs about equally often. */
import type { Space, Tile } from '../spaces/space.ts';

/** Size of a block: so few rows that cells of all pairs of types are sampled about equally. */
export const BLOCK_ROWS = 16;
const BLOCK_COLUMNS = 32;
/** Largest stride between the rows of a block in the layout of a space. */
export const BLOCK_STRIDE = 64;

/** Area of pairs: rows × columns, of which only pairs with row < column count. */
export interface Area {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly columnStart: number;
  readonly columnEnd: number;
}

/** Returns the area of all pairs of a space. */
export const wholeArea = ({ rows }: Pick<Space, 'rows'>): Area => ({
  rowStart: 0,
  rowEnd: rows,
  columnStart: 0,
  columnEnd: rows,
});

/** Yields every `every`-th block of an area, as tiles, by columns, then rows. Some pairs of a block may have row ≥ column. */
export function* sampleBlocks(area: Area, every: number): Generator<Tile> {
  const { rowStart, rowEnd, columnEnd } = area;
  let slope = Math.ceil(every * 0.618);
  // With a common divisor, some rows would never be sampled.
  while (commonDivisor(slope, every) > 1) slope++;
  const rowBlocks = Math.ceil((rowEnd - rowStart) / BLOCK_ROWS);
  for (let j = 0; area.columnStart + j * BLOCK_COLUMNS < columnEnd; j++) {
    const columnStart = area.columnStart + j * BLOCK_COLUMNS;
    for (let i = (j * slope) % every; i < rowBlocks; i += every) {
      const first = rowStart + i * BLOCK_ROWS;
      if (first + 1 >= columnStart + BLOCK_COLUMNS) break;
      yield {
        rowStart: first,
        rowEnd: Math.min(rowEnd, first + BLOCK_ROWS),
        columnStart,
        columnEnd: Math.min(columnEnd, columnStart + BLOCK_COLUMNS),
      };
    }
  }
}

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));
