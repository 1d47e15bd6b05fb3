/** Perturbed cells, as rows of counts: with fewer counts, or with one gene changed. */
import type { CsrBlock } from '../../cells/csr.ts';
import type { RandomStream } from '../../flow/random.ts';

/** Counts of a cell over the kept genes, columns ascending, and its total over all genes of the source. */
export interface CellCounts {
  readonly genes: Int32Array;
  readonly counts: Float32Array;
  readonly total: number;
}

/** Copies row `row` of a block. */
export function cellOf(block: CsrBlock, row: number, total: number): CellCounts {
  const [start, end] = [block.indptr[row], block.indptr[row + 1]];
  return { genes: block.indices.slice(start, end), counts: block.values.slice(start, end), total };
}

/**
 * Thins a cell to lower depths: each of its counts is kept with probability p, so that the count of a gene is binomial, and
 * so is the total, which includes genes outside of the kept ones. One draw for each count serves all depths: counts kept at
 * a lower depth are also kept at a higher one. p is rounded to steps of 2⁻³²; p = 1 keeps all.
 */
export function thin(cell: CellCounts, depths: readonly number[], stream: RandomStream): CellCounts[] {
  const limits = depths.map((p) => Math.round(p * 2 ** 32));
  const kept = depths.map(() => new Float32Array(cell.genes.length));
  const totals = depths.map(() => 0);
  let sum = 0;
  for (let i = 0; i < cell.genes.length; i++) {
    sum += cell.counts[i];
    for (let unit = 0; unit < cell.counts[i]; unit++) {
      const u = stream.uint32();
      for (let d = 0; d < limits.length; d++) if (u < limits[d]) kept[d][i]++;
    }
  }
  for (let unit = 0; unit < cell.total - sum; unit++) {
    const u = stream.uint32();
    for (let d = 0; d < limits.length; d++) if (u < limits[d]) totals[d]++;
  }
  return kept.map((counts, d) => ({
    genes: cell.genes.filter((_, i) => counts[i] > 0),
    counts: counts.filter((count) => count > 0),
    total: counts.reduce((total, count) => total + count, totals[d]),
  }));
}

/** Multiplies the count of gene `place` (among the detected genes) of a cell, and adapts its total. */
export function fold(cell: CellCounts, place: number, factor: number): CellCounts {
  const counts = cell.counts.slice();
  counts[place] *= factor;
  return { genes: cell.genes, counts, total: cell.total + counts[place] - cell.counts[place] };
}

/**
 * Draws the places of up to `most` of the cell's detected genes for which `isRead` is true. The order of the draw does not
 * depend on which genes are read, so that encodings with different genes are tested on the same genes, as far as they read
 * them.
 */
export function chosenGenes(
  cell: CellCounts,
  isRead: (column: number) => boolean,
  most: number,
  stream: RandomStream,
): number[] {
  const places = stream.shuffle(Array.from(cell.genes.keys()));
  return places.filter((place) => isRead(cell.genes[place])).slice(0, most);
}

/** Assembles cells as the rows of a block. */
export function blockOf(cells: readonly CellCounts[], columns: number): CsrBlock {
  const indptr = new Uint32Array(cells.length + 1);
  for (const [i, { genes }] of cells.entries()) indptr[i + 1] = indptr[i] + genes.length;
  const indices = new Int32Array(indptr[cells.length]);
  const values = new Float32Array(indptr[cells.length]);
  for (const [i, { genes, counts }] of cells.entries()) {
    indices.set(genes, indptr[i]);
    values.set(counts, indptr[i]);
  }
  return { rows: cells.length, columns, indptr, indices, values };
}
