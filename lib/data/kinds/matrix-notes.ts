/** What the notes of an encoded matrix say of its columns. Written and read through here, so that neither side guesses. */
import { dataError } from '../../errors.ts';

export interface MatrixNotes {
  /** Genes, or dimensions, that take part; zeros count, also in columns that no cell uses. */
  readonly genesUsed: number;
  /** True if columns are dimensions and not genes (GenePT-w): values of either sign, and nearly all of them stored. */
  readonly dense: boolean;
}

/**
 * The notes of a matrix, checked. Errors: `genes_used` is missing or no whole number; a `layout` that is not known.
 *
 * @param where the file or the encoding, for errors
 */
export function matrixNotes(notes: Readonly<Record<string, string>>, where?: string): MatrixNotes {
  const { genes_used: given, layout } = notes;
  if (given === undefined || !/^\d+$/.test(given) || !Number.isSafeInteger(Number(given))) {
    throw dataError(
      `the notes of the matrix say ${given === undefined ? 'no genes_used' : `genes_used is ${JSON.stringify(given)}`}`,
      { expected: 'genes_used: how many genes take part, a whole number', where },
    );
  }
  if (layout !== undefined && layout !== 'dense') {
    throw dataError(`the notes of the matrix say layout is ${JSON.stringify(layout)}`, {
      expected: "'dense' for dimensions, or no layout for genes",
      where,
    });
  }
  return { genesUsed: Number(given), dense: layout === 'dense' };
}
