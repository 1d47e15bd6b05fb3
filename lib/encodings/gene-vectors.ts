/** Vectors of genes from a user's file: text embeddings of GenePT, embeddings of a model, or random ones. */
import { PickleArray, readPickle } from '../data/files/pickle.ts';
import { readImportedEmbedding } from '../data/imports/embedding.ts';
import { dataError } from '../errors.ts';
import type { ExternalFile } from '../flow/stage.ts';
import { type GeneList, readPositions } from './gene-list.ts';

export interface GeneVectors {
  /** Map of gene name or id to row. */
  readonly rowOf: GeneList;
  readonly dims: number;
  /** Genes × dims matrix, row-major. */
  readonly values: Float32Array;
}

/**
 * Reads a matrix with a row for each gene: .npy (`names` has the genes of its rows), .csv, .tsv, .parquet, .arrow,
 * .feather (its ids are the genes), or .pkl (a dictionary, gene to a list or array of numbers).
 */
export async function readGeneVectors(
  file: ExternalFile,
  names?: ExternalFile,
  columns?: readonly string[],
): Promise<GeneVectors> {
  const { path } = file;
  if (/\.(pkl|pickle)$/i.test(path)) {
    if (columns === undefined) return fromPickle(path);
    throw dataError('the vectors of a pickle have no columns with names', {
      where: path,
      expected: 'no `columns`: each vector counts whole',
    });
  }
  const { cellIds: ids, rows, dims, values } = await readImportedEmbedding(path, columns);
  if (ids === undefined) {
    if (names === undefined) {
      throw dataError('the gene matrix has no names of genes', {
        where: path,
        expected: 'a list of the genes of its rows (`names`), a gene a line',
      });
    }
    const rowOf = await readPositions(names);
    if (rowOf.size !== rows) {
      throw dataError(`the gene matrix has ${rows} rows and ${dims} columns`, {
        where: path,
        expected: `${rowOf.size} rows, one for each gene of ${names.path}`,
      });
    }
    return { rowOf, dims, values };
  }
  const rowOf = new Map<string, number>();
  for (const [row, id] of ids.entries()) {
    const before = rowOf.get(id);
    if (before !== undefined) {
      throw dataError(`the gene "${id}" stands in rows ${before + 1} and ${row + 1}`, {
        where: path,
        expected: 'one row for each gene',
      });
    }
    rowOf.set(id, row);
  }
  return { rowOf, dims, values };
}

async function fromPickle(path: string): Promise<GeneVectors> {
  const expected = 'a dictionary, gene to a list or array of numbers, all of the same length';
  const dictionary = await readPickle(path);
  if (!(dictionary instanceof Map) || dictionary.size === 0) {
    throw dataError('the gene matrix is not a dictionary, or an empty one', { where: path, expected });
  }
  const rowOf = new Map<string, number>();
  let dims = 0;
  let values = new Float32Array(0);
  for (const [gene, given] of dictionary) {
    const vector = given instanceof PickleArray && given.shape.length === 1 ? given.values : given;
    const isVector =
      vector instanceof Float64Array || (Array.isArray(vector) && vector.every((x) => typeof x === 'number'));
    if (typeof gene !== 'string' || !isVector) {
      throw dataError(`the gene matrix has no list of numbers for ${JSON.stringify(gene)}`, {
        where: path,
        expected,
      });
    }
    const row = vector as ArrayLike<number>;
    if (row.length === 0) {
      throw dataError(`the gene matrix has no numbers for ${JSON.stringify(gene)}`, {
        where: path,
        expected,
      });
    }
    if (rowOf.size === 0) {
      dims = row.length;
      values = new Float32Array(dictionary.size * dims);
    }
    if (row.length !== dims) {
      throw dataError(`the gene matrix has ${row.length} numbers for "${gene}"`, {
        where: path,
        expected: `${dims}, as for the first gene`,
      });
    }
    values.set(row, rowOf.size * dims);
    rowOf.set(gene, rowOf.size);
  }
  return { rowOf, dims, values };
}
