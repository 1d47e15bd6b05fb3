/** Pieces of the triangle of pairs: blocks of rows against blocks of the same or later rows. */

/** Rows of a piece: enough that laying out its columns as panels takes little time in comparison. */
export const BLOCK_ROWS = 2048;
const COLUMNS = 256;

export interface Piece {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly columnStart: number;
  readonly columnEnd: number;
}

/**
 * Returns the pieces, the first rows against all others first. The first rows are the sparsest and often near to many
 * rows, so that the limits of lists are low early.
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
