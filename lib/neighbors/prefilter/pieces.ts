/** Pieces of the triangle of pairs: blocks of rows against blocks of those that come later. */

/** Rows of a piece: so many that laying out its columns as panels takes little beside it. */
export const BLOCK_ROWS = 2048;
const COLUMNS = 256;

export interface Piece {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly columnStart: number;
  readonly columnEnd: number;
}

/**
 * The first rows meet all others first. They are the sparsest, and often near to many: limits are low early.
 */
export function piecesOf(rows: number): Piece[] {
  const pieces: Piece[] = [];
  for (let rowStart = 0; rowStart < rows; rowStart += BLOCK_ROWS) {
    const rowEnd = Math.min(rows, rowStart + BLOCK_ROWS);
    for (let columnStart = rowStart; columnStart < rows; columnStart += COLUMNS) {
      pieces.push({ rowStart, rowEnd, columnStart, columnEnd: Math.min(rows, columnStart + COLUMNS) });
    }
  }
  return pieces;
}
