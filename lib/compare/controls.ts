/** The rows of ceilings and floors, made from those of the reference. */
import type { RandomStream } from '../flow/random.ts';
import type { Embedding } from '../formats/types.ts';
import { log1p } from '../kernels/math.ts';
import type { MatrixInMemory } from './memory-matrix.ts';

/**
 * Half of the genes, drawn from those that any cell has; genes that take part and no cell has are shared out evenly.
 *
 * @param stream the same for both halves
 */
export function halfOfGenes(matrix: MatrixInMemory, half: 0 | 1, stream: RandomStream): MatrixInMemory {
  const { rows, columns, indptr, indices, values } = matrix.csr;
  const nnz = indptr[rows];
  const inUse = new Uint8Array(columns);
  for (let e = 0; e < nnz; e++) inUse[indices[e]] = 1;
  const genes = Int32Array.from(inUse.keys()).filter((column) => inUse[column] === 1);
  stream.shuffle(genes);
  const middle = genes.length >> 1;
  const kept = new Uint8Array(columns);
  for (const column of half === 0 ? genes.subarray(0, middle) : genes.subarray(middle)) kept[column] = 1;
  const own = {
    indptr: new Uint32Array(rows + 1),
    indices: new Int32Array(nnz),
    values: new Float32Array(nnz),
  };
  let n = 0;
  for (let row = 0; row < rows; row++) {
    for (let e = indptr[row]; e < indptr[row + 1]; e++) {
      if (kept[indices[e]] === 0) continue;
      own.indices[n] = indices[e];
      own.values[n++] = values[e];
    }
    own.indptr[row + 1] = n;
  }
  const unused = Math.max(0, Number(matrix.notes.genes_used ?? columns) - genes.length);
  const size = half === 0 ? middle + Math.floor(unused / 2) : genes.length - middle + Math.ceil(unused / 2);
  return { ...matrix, csr: { rows, columns, ...own }, notes: { ...matrix.notes, genes_used: String(size) } };
}

/** Every cell keeps which genes it has, and its values, but not which gene has which. */
export function randomOrder(matrix: MatrixInMemory, streamOf: (row: number) => RandomStream): MatrixInMemory {
  const { csr } = matrix;
  const values = csr.values.slice();
  for (let row = 0; row < csr.rows; row++) {
    streamOf(row).shuffle(values.subarray(csr.indptr[row], csr.indptr[row + 1]));
  }
  return { ...matrix, csr: { ...csr, values } };
}

/** One dimension: log(1 + total counts). */
export function depthEmbedding(totals: Float64Array): Embedding {
  const cellIds = Array.from(totals, (_, i) => String(i));
  return { cellIds, labels: cellIds.map(() => null), dims: 1, values: Float32Array.from(totals, log1p) };
}
