/**
 * GenePT-w: the mean of the vectors of a cell's genes, weighted by log(1 + counts per 10,000) and scaled to length 1
 * (yiqunchen/GenePT). Not a rank code: with any other matrix of gene vectors, even a random one, it shows what the
 * vectors add to the values.
 *
 * Genes without a vector add nothing, and neither does the scale of the weights, which the length takes out. The
 * numeric view has a column for each dimension, all stored: its layout is `dense`.
 */
import { z } from 'zod';
import { dataError } from '../errors.ts';
import { log1p } from '../kernels/math.ts';
import { WeightedSums } from '../kernels/weighted-sums.ts';
import { defineEncoding, type EncodedBlock, type Encoder, homesOf } from './encoding.ts';
import { matchGenes } from './gene-list.ts';
import { type GeneVectors, readGeneVectors } from './gene-vectors.ts';

/** Counts below this have their weight looked up: most counts of a cell are 1, 2 or 3. */
const TABLE = 64;

export const geneptW = defineEncoding({
  module: import.meta.url,
  kind: 'genept-w',
  about: "The mean of the vectors of a cell's genes, weighted by log-normalised expression, of length 1.",
  source: 'yiqunchen/GenePT; Chen and Zou 2024',
  genes: 'all',
  options: {
    /** File with a vector for each gene: .npy, .csv, .tsv, .parquet, .arrow or .pkl. */
    vectors: z.string().min(1),
    /** File for .npy: the genes of its rows, a gene a line. */
    names: z.string().min(1).optional(),
    /** Columns of the file that are dimensions; absent: those with a common beginning and running numbers. */
    columns: z.array(z.string().min(1)).min(1).optional(),
    /** Total that every cell is scaled to. */
    target: z.number().positive().default(10_000),
  },
  files: ['vectors', 'names'],
  async prepare({ genes, params: { target, columns }, files }): Promise<Encoder> {
    const vectors = await readGeneVectors(files.vectors!, files.names, columns);
    const { dims } = vectors;
    const { number } = matchGenes(genes, vectors.rowOf, files.vectors!.path, true);
    const rowsFound = number.filter((row) => row >= 0);
    checkFinite(vectors, rowsFound, files.vectors!.path);
    const kernel = await WeightedSums.create(
      rowsFound.length,
      dims,
      (vector, d) => vectors.values[rowsFound[vector] * dims + d],
    );
    const table = new Float64Array(TABLE);
    // The number of each column's vector in the kernel, −1 for none.
    let found = 0;
    const vectorOf = number.map((row) => (row < 0 ? -1 : found++));

    function encodeBlock(
      block: Parameters<Encoder['encodeBlock']>[0],
      cells: { totals: Float64Array },
    ): EncodedBlock {
      const { rows, indptr } = block;
      const summed = new Int32Array(indptr[rows]);
      const weights = new Float64Array(indptr[rows]);
      const starts = new Uint32Array(rows + 1);
      let n = 0;
      for (let row = 0; row < rows; row++) {
        const scale = target / cells.totals[row];
        table.fill(0);
        for (let e = indptr[row]; e < indptr[row + 1]; e++) {
          const vector = vectorOf[block.indices[e]];
          if (vector < 0) continue;
          summed[n] = vector;
          const x = block.values[e];
          if (x < TABLE && (x | 0) === x) {
            if (table[x] === 0) table[x] = log1p(x * scale);
            weights[n++] = table[x];
          } else {
            weights[n++] = log1p(x * scale);
          }
        }
        starts[row + 1] = n;
      }
      return { matrix: unitRows(kernel.sums(summed, weights, starts), rows, dims, kernel.stride) };
    }

    return {
      columns: dims,
      metadata: {
        genesUsed: dims,
        layout: 'dense',
        value: `coordinate of the mean of gene vectors weighted by log(1 + counts / total * ${target}), of length 1`,
      },
      notes: { genes_with_vector: String(found) },
      reading: { home: homesOf(genes.used.length, (column) => number[column] >= 0) },
      writesTokens: false,
      writesSentences: false,
      encodeBlock,
    };
  },
});

/** Refuses a vector with a number that is not finite, if a gene of the data has that vector. */
function checkFinite({ dims, values }: GeneVectors, rows: Int32Array, path: string): void {
  for (const row of rows) {
    for (let d = 0; d < dims; d++) {
      const value = values[row * dims + d];
      if (Number.isFinite(value)) continue;
      throw dataError(`the gene matrix has ${value} in row ${row + 1}, column ${d + 1}`, {
        where: path,
        expected: 'finite numbers',
      });
    }
  }
}

/** Rows scaled to length 1, as a matrix: a row of zeros stays empty. `stride` is the distance between rows. */
function unitRows(sums: Float64Array, rows: number, dims: number, stride: number): EncodedBlock['matrix'] {
  const indptr = new Uint32Array(rows + 1);
  const indices = new Int32Array(rows * dims);
  const values = new Float32Array(rows * dims);
  let nnz = 0;
  for (let row = 0; row < rows; row++) {
    let squares = 0;
    for (let d = 0; d < dims; d++) {
      const value = sums[row * stride + d];
      squares += value * value;
    }
    const length = Math.sqrt(squares);
    for (let d = 0; d < dims && length > 0; d++) {
      const value = Math.fround(sums[row * stride + d] / length);
      if (value === 0) continue; // not stored, like every zero
      indices[nnz] = d;
      values[nnz++] = value;
    }
    indptr[row + 1] = nnz;
  }
  return {
    rows,
    columns: dims,
    indptr,
    indices: indices.subarray(0, nnz),
    values: values.subarray(0, nnz),
  };
}
