/** Encodings that are orders: from the number of an entry back to the gene's place in the order, 0 for the first. */

export interface Entries {
  /** Entries of the cell. */
  readonly n: number;
  /** Genes that take part, zeros included. */
  readonly genesUsed: number;
}

/** The place of the gene with this value; half of a whole number where ties share their average. */
export type PositionOf = (value: number, entries: Entries) => number;

/** Counted from the end of a list of n, or ranks from 1 to n. */
const fromEnd: PositionOf = (value, { n }) => n - value;

const POSITIONS: Readonly<Partial<Record<string, PositionOf>>> = {
  cell2sentence: fromEnd,
  'genept-s': fromEnd,
  geneformer: fromEnd,
  'rank-detected': fromEnd,
  // The value is rank − (z + 1)/2 with z zeros below; the rank among the detected is z less than the rank.
  rank: (value, { n, genesUsed }) => n - (value + (1 - (genesUsed - n)) / 2),
};

/** Undefined for an encoding whose numbers are not places in an order. */
export function positionsOf(kind: string): PositionOf | undefined {
  return POSITIONS[kind];
}
