/** Conversion of the entries of encodings that are orders to the gene's position in the order, 0 for the first. */

export interface Entries {
  /** Number of entries of the cell. */
  readonly n: number;
  /** Number of genes that take part, zeros included. */
  readonly genesUsed: number;
}

/** Function that returns the position of the gene with a value; a multiple of one half where ties share their average. */
export type PositionOf = (value: number, entries: Entries) => number;

/** Position for values that count from the end of a list of n, or are ranks from 1 to n. */
const fromEnd: PositionOf = (value, { n }) => n - value;

const POSITIONS: Readonly<Partial<Record<string, PositionOf>>> = {
  cell2sentence: fromEnd,
  'genept-s': fromEnd,
  geneformer: fromEnd,
  'rank-detected': fromEnd,
  // The value is rank − (z + 1)/2 with z zeros below; the rank among the detected genes is rank − z.
  rank: (value, { n, genesUsed }) => n - (value + (1 - (genesUsed - n)) / 2),
};

/** Returns the conversion of an encoding; undefined if its values are not positions in an order. */
export function positionsOf(kind: string): PositionOf | undefined {
  return POSITIONS[kind];
}
