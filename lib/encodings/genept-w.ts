/**
 * GenePT-w: the mean of the vectors of a cell's genes, weighted by log(1 + counts per 10,000) and scaled to length 1
 * (yiqunchen/GenePT). Not a rank code: with any other matrix of gene vectors, even a random one, it shows what the
 * vectors add to the values.
 *
 * Genes without a vector add nothing, and neither does the scale of the weights, which the length takes out. The
 * numeric view has a column for each dimension, all stored: its notes say `layout: dense`.
 */
import { z } from 'zod';
import { dataError } from '../errors.ts';
import { log1p } from '../kernels/math.ts';
import { defineEncoding, type EncodedBlock, type Encoder, homesOf } from './encoding.ts';
import { matchGenes } from './gene-list.ts';
import { type GeneVectors, readGeneVectors } from './gene-vectors.ts';

/** Dimensions that are summed at once: as many as the processor has registers for. */
const LANES = 8;

export const geneptW = defineEncoding({
  module: import.meta.url,
  kind: 'genept-w',
  about: "The mean of the vectors of a cell's genes, weighted by log-normalised expression, of length 1.",
  source: 'yiqunchen/GenePT; Chen and Zou 2024',
  genes: 'all',
  options: {
    /** A vector for each gene: .npy, .csv, .tsv, .parquet, .arrow or .pkl. */
    vectors: z.string().min(1),
    /** For .npy: the genes of its rows, a gene a line. */
    names: z.string().min(1).optional(),
    /** What every cell's total is scaled to. */
    target: z.number().positive().default(10_000),
  },
  files: ['vectors', 'names'],
  async prepare({ genes, params: { target }, files }): Promise<Encoder> {
    const vectors = await readGeneVectors(files.vectors!, files.names);
    const { dims } = vectors;
    const { number } = matchGenes(genes, vectors.rowOf, files.vectors!.path, true);
    const tiles = tilesOf(vectors, number, files.vectors!.path);
    // The place of each column's vector within a tile, -1 for none.
    let found = 0;
    const place = number.map((row) => (row < 0 ? -1 : LANES * found++));

    function encodeBlock(
      block: Parameters<Encoder['encodeBlock']>[0],
      cells: { totals: Float64Array },
    ): EncodedBlock {
      const { rows, indptr } = block;
      const places = new Int32Array(indptr[rows]);
      const weights = new Float64Array(indptr[rows]);
      const starts = new Uint32Array(rows + 1);
      let n = 0;
      for (let row = 0; row < rows; row++) {
        const scale = target / cells.totals[row];
        for (let e = indptr[row]; e < indptr[row + 1]; e++) {
          const at = place[block.indices[e]];
          if (at < 0) continue;
          places[n] = at;
          weights[n++] = log1p(block.values[e] * scale);
        }
        starts[row + 1] = n;
      }
      const sums = new Float64Array(rows * tiles.length * LANES);
      for (const [t, tile] of tiles.entries()) {
        for (let row = 0; row < rows; row++) {
          const at = (row * tiles.length + t) * LANES;
          addUp(tile, places, weights, starts[row], starts[row + 1], sums, at);
        }
      }
      return { matrix: unitRows(sums, rows, dims, tiles.length * LANES) };
    }

    return {
      columns: dims,
      notes: {
        value: `coordinate of the mean of gene vectors weighted by log(1 + counts / total * ${target}), of length 1`,
        genes_used: String(dims),
        layout: 'dense',
        genes_with_vector: String(found),
      },
      reading: { home: homesOf(genes.used.length, (column) => number[column] >= 0) },
      writesTokens: false,
      writesSentences: false,
      encodeBlock,
    };
  },
});

/** The vectors of the columns that have one, LANES dimensions a tile, so that a tile stays in the cache. */
function tilesOf({ dims, values }: GeneVectors, number: Int32Array, path: string): Float32Array[] {
  const rows = number.filter((row) => row >= 0);
  const tiles = Array.from({ length: Math.ceil(dims / LANES) }, () => new Float32Array(rows.length * LANES));
  for (const [i, row] of rows.entries()) {
    for (let d = 0; d < dims; d++) {
      const value = values[row * dims + d];
      if (!Number.isFinite(value)) {
        throw dataError(`the gene matrix has ${value} in row ${row + 1}, column ${d + 1}`, {
          where: path,
          expected: 'finite numbers',
        });
      }
      tiles[Math.floor(d / LANES)][i * LANES + (d % LANES)] = value;
    }
  }
  return tiles;
}

/** Adds weight times vector over entries `start` … `end` − 1; each lane in the order of the entries. */
function addUp(
  tile: Float32Array,
  places: Int32Array,
  weights: Float64Array,
  start: number,
  end: number,
  sums: Float64Array,
  at: number,
): void {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let s4 = 0;
  let s5 = 0;
  let s6 = 0;
  let s7 = 0;
  for (let e = start; e < end; e++) {
    const p = places[e];
    const w = weights[e];
    s0 += w * tile[p];
    s1 += w * tile[p + 1];
    s2 += w * tile[p + 2];
    s3 += w * tile[p + 3];
    s4 += w * tile[p + 4];
    s5 += w * tile[p + 5];
    s6 += w * tile[p + 6];
    s7 += w * tile[p + 7];
  }
  sums[at] = s0;
  sums[at + 1] = s1;
  sums[at + 2] = s2;
  sums[at + 3] = s3;
  sums[at + 4] = s4;
  sums[at + 5] = s5;
  sums[at + 6] = s6;
  sums[at + 7] = s7;
}

/** Rows scaled to length 1, as a matrix: a row of zeros stays empty. `stride` is how far rows lie apart. */
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
