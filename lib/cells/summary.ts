/** Totals of a count matrix by cell and by gene, in one pass. Definitions: scanpy's calculate_qc_metrics. */
import type { CellSource } from './source.ts';

export interface CountSummary {
  readonly cells: {
    readonly totalCounts: Float64Array;
    /** Genes with a count above 0. */
    readonly detectedGenes: Int32Array;
    /**
     * Share of counts on mitochondrial genes, 0 to 100. NaN where it is not known: for a cell without counts,
     * and for all cells if the source has no gene named as mitochondrial (0 would claim that it was measured).
     */
    readonly mitoPercent: Float64Array;
  };
  readonly genes: {
    /** Cells with a count above 0. */
    readonly cells: Int32Array;
    readonly totalCounts: Float64Array;
  };
  /** Number of counts that are not zero. */
  readonly nnz: number;
}

/** Whether a gene is mitochondrial by its name, human (MT-) or mouse (mt-). The hyphen keeps out MT1X, a metallothionein. */
export const isMitochondrial = (name: string): boolean => name.startsWith('MT-') || name.startsWith('mt-');

/** Reads all rows once. `mito` says for each gene whether it is mitochondrial. */
export async function summarizeCounts(
  source: CellSource,
  mito: readonly boolean[],
  onRows: (done: number) => void,
  signal?: AbortSignal,
): Promise<CountSummary> {
  const totalCounts = new Float64Array(source.cells);
  const detectedGenes = new Int32Array(source.cells);
  const mitoPercent = new Float64Array(source.cells).fill(Number.NaN);
  const geneCells = new Int32Array(source.genes);
  const geneTotals = new Float64Array(source.genes);
  const isMito = Uint8Array.from(mito, Number);
  const hasMito = isMito.includes(1);
  let nnz = 0;
  for await (const block of source.rows(signal)) {
    const { start, rows, indptr, indices, values } = block;
    for (let row = 0; row < rows; row++) {
      let total = 0;
      let mitoTotal = 0;
      for (let i = indptr[row]; i < indptr[row + 1]; i++) {
        const gene = indices[i];
        const count = values[i];
        total += count;
        if (isMito[gene] === 1) mitoTotal += count;
        geneCells[gene]++;
        geneTotals[gene] += count;
      }
      totalCounts[start + row] = total;
      detectedGenes[start + row] = indptr[row + 1] - indptr[row];
      if (hasMito && total > 0) mitoPercent[start + row] = (100 * mitoTotal) / total;
    }
    nnz += indptr[rows];
    onRows(start + rows);
  }
  return {
    cells: { totalCounts, detectedGenes, mitoPercent },
    genes: { cells: geneCells, totalCounts: geneTotals },
    nnz,
  };
}
