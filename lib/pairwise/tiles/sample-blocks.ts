/** Blocks of pairs on a lattice: a share of an area of pairs in which each cell is in nearly as many as any other. */
import type { Space, Tile } from '../spaces/space.ts';

/** So low that cells of all pairs of types are met alike. */
export const BLOCK_ROWS = 16;
const BLOCK_COLUMNS = 32;
/** Values of a row of a block, as a space may lay it. */
export const BLOCK_STRIDE = 64;

/** Rows against columns; of their pairs only those with row < column. */
export interface Area {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly columnStart: number;
  readonly columnEnd: number;
}

/** All pairs of a space. */
export const wholeArea = ({ rows }: Pick<Space, 'rows'>): Area => ({
  rowStart: 0,
  rowEnd: rows,
  columnStart: 0,
  columnEnd: rows,
});

/** Every `every`-th block of an area, as tiles: by columns, then rows. Some of a block's pairs may have row ≥ column. */
export function* sampleBlocks(area: Area, every: number): Generator<Tile> {
  const { rowStart, rowEnd, columnEnd } = area;
  let slope = Math.ceil(every * 0.618);
  // Without a common divisor, or some rows were never met.
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
