/**
 * Agreement of two measures on the order of pairs of types: Spearman's correlation of their medians, over the types
 * (pairs within) or over the pairs of types (pairs between).
 *
 * The points are not independent (a type takes part in as many of them as there are types), so the correlation has no
 * p-value; a Mantel permutation or a bootstrap over types would give one.
 */
import type { Columns } from '../../data/kinds/types.ts';
import type { pairAgreementTable } from '../../data/results/tables.ts';
import { spearman } from '../../stats/correlation.ts';

/** Medians of the pairs of types, as written by the stage `similarity`. */
export interface TypePairMedians {
  readonly type_a: readonly string[];
  readonly type_b: readonly string[];
  readonly within: readonly boolean[];
  /** Median of each row; NaN where no pair has a value. */
  readonly median: Float64Array;
}

export interface Agreement {
  readonly scope: 'within' | 'between';
  /** Number of points where both measures have a median. */
  readonly nPoints: number;
  /**
   * Correlation of the measures as they are, from −1 to 1: a distance that agrees with a similarity gives −1. NaN with
   * fewer than two points, or if a measure has the same value everywhere.
   */
  readonly spearman: number;
}

export function agreementOf(x: TypePairMedians, y: TypePairMedians): Agreement[] {
  const pairKey = (table: TypePairMedians, i: number) => JSON.stringify([table.type_a[i], table.type_b[i]]);
  let rowOfY: Map<string, number> | undefined;
  // Tables of the same types have the same rows; thousands of types have millions of rows, so the index is built only
  // if the tables differ.
  const sameRow = (i: number): number | undefined => {
    if (y.type_a[i] === x.type_a[i] && y.type_b[i] === x.type_b[i]) return i;
    rowOfY ??= new Map(y.type_a.map((_, j) => [pairKey(y, j), j]));
    return rowOfY.get(pairKey(x, i));
  };
  return ([true, false] as const).map((within) => {
    const xs: number[] = [];
    const ys: number[] = [];
    for (let i = 0; i < x.median.length; i++) {
      if (x.within[i] !== within) continue;
      const j = sameRow(i);
      if (j === undefined || Number.isNaN(x.median[i]) || Number.isNaN(y.median[j])) continue;
      xs.push(x.median[i]);
      ys.push(y.median[j]);
    }
    return { scope: within ? 'within' : 'between', nPoints: xs.length, spearman: spearman(xs, ys) };
  });
}

/** Table of agreements, in their order. */
export function agreementColumns(agreements: readonly Agreement[]): Columns<typeof pairAgreementTable> {
  return {
    scope: agreements.map(({ scope }) => scope),
    n_points: Float64Array.from(agreements, ({ nPoints }) => nPoints),
    spearman: Float64Array.from(agreements, ({ spearman }) => spearman),
  };
}
