/**
 * Genes that dominate cells, for normalisation: counts of a few genes that differ between cells would else scale all
 * others (scverse/scanpy src/scanpy/preprocessing/_normalization.py, `exclude_highly_expressed`).
 */
import type { CsrBlock } from '../cells/csr.ts';
import type { MatrixInput } from '../data/kinds/types.ts';

/**
 * Marks columns: 1 for each that has more than `share` of the counts of at least one cell, else 0. One pass over the
 * counts.
 *
 * @param totals counts of each cell over all genes, also those that are no column
 */
export async function highlyExpressed(
  counts: MatrixInput,
  totals: Float64Array,
  share: number,
): Promise<Uint8Array> {
  const reader = await counts.open();
  try {
    const excluded = new Uint8Array(reader.columns);
    for await (const block of reader.blocks()) {
      for (let row = 0; row < block.rows; row++) {
        const most = share * totals[block.start + row];
        for (let e = block.indptr[row]; e < block.indptr[row + 1]; e++) {
          if (block.values[e] > most) excluded[block.indices[e]] = 1;
        }
      }
    }
    return excluded;
  } finally {
    await reader.close();
  }
}

/** Totals of all cells without the counts of the excluded columns. One pass over the counts. */
export async function totalsWithout(
  counts: MatrixInput,
  totals: Float64Array,
  excluded: Uint8Array,
): Promise<Float64Array> {
  const reader = await counts.open();
  try {
    const rest = new Float64Array(totals.length);
    for await (const block of reader.blocks()) {
      for (let row = 0; row < block.rows; row++) {
        const cell = block.start + row;
        rest[cell] = totalWithout(block, row, totals[cell], excluded);
      }
    }
    return rest;
  } finally {
    await reader.close();
  }
}

/** Total of one cell without the counts of the excluded columns. */
export function totalWithout(block: CsrBlock, row: number, total: number, excluded: Uint8Array): number {
  let rest = total;
  for (let e = block.indptr[row]; e < block.indptr[row + 1]; e++) {
    if (excluded[block.indices[e]] === 1) rest -= block.values[e];
  }
  return rest;
}
