/** Restriction of stored rows to some of their columns. */
import type { StoredRows } from './matrix.ts';

/**
 * Keeps the entries whose column has a place, and renumbers their columns by `place` (−1: left out). With an entry
 * outside of the matrix the block is returned whole, so that the check of counts refuses that entry by its place.
 */
export function restrictRows(stored: StoredRows, place: Int32Array | undefined): StoredRows {
  if (place === undefined) return stored;
  const { start, rows, indptr, indices, values } = stored;
  const outIndptr = new Uint32Array(rows + 1);
  const kept = new Int32Array(indptr[rows]);
  const columns = new Int32Array(indptr[rows]);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    for (let i = indptr[row]; i < indptr[row + 1]; i++) {
      const to = place[indices[i]];
      if (to === undefined) return stored;
      if (to < 0) continue;
      kept[at] = i;
      columns[at++] = to;
    }
    outIndptr[row + 1] = at;
  }
  const outValues = values.slice(0, at);
  for (let i = 0; i < at; i++) outValues[i] = values[kept[i]];
  return { start, rows, indptr: outIndptr, indices: columns.subarray(0, at), values: outValues };
}

/** Place of each of `columns` columns among the kept ones, or −1. */
export function placesOf(kept: Int32Array | undefined, columns: number): Int32Array | undefined {
  if (kept === undefined) return undefined;
  const place = new Int32Array(columns).fill(-1);
  for (const [to, column] of kept.entries()) place[column] = to;
  return place;
}
