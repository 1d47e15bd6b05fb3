/**
 * Comparison of Spearman's correlation over all genes with other measures on the same pairs of cells: the overlap of the
 * detected genes, and Spearman's correlation over the union and the intersection of the detected genes; and the share of it
 * that this overlap, and the sparsity of the two cells, explain.
 */
import { rowNumbers, spaceOfMatrix } from '../../pairwise/spaces/open-space.ts';
import type { RowSource } from '../../pairwise/spaces/row-source.ts';
import type { CellTypes } from '../../pairwise/tiles/type-pairs.ts';
import { auroc } from '../../stats/auroc.ts';
import { Moments, rSquared } from '../../stats/r-squared.ts';
import { type PairGroup, pairGroups, pairMeans, pairValues, selectRows } from './pair-sample.ts';
import { type DiagnosticRow, spread } from './rows.ts';

const MEASURES = {
  spearman: 'spearman',
  ochiai: 'ochiai',
  spearman_union: 'spearman-union',
  spearman_intersection: 'spearman-intersection',
} as const;
type Measure = keyof typeof MEASURES;

const isWithin = ({ a, b }: PairGroup) => a === b;
const isBetween = ({ a, b }: PairGroup) => a !== b;

/**
 * Computes the diagnostics of pairs.
 *
 * @param encoded rows over `genes` genes, without negative values
 * @param types cells whose pairs are compared
 * @param sparsity sparsity of each cell, by row number
 */
export async function pairLosses(
  encoded: RowSource,
  genes: number,
  types: CellTypes,
  sparsity: Float64Array,
): Promise<DiagnosticRow[]> {
  const groups = pairGroups(types);
  const rows = await selectRows(encoded, types.order);
  const values = {} as Record<Measure, Float32Array>;
  for (const [measure, metric] of Object.entries(MEASURES) as [Measure, (typeof MEASURES)[Measure]][]) {
    values[measure] = pairValues(
      await spaceOfMatrix(rows, metric, genes, rowNumbers(rows.rows)),
      types,
      groups,
    );
  }
  const { means, differences } = pairMeans(sparsity, types, groups);
  const sparse = [means, differences];
  return [
    ...Object.entries(values).flatMap(([measure, of]) => describe(measure, of, groups)),
    ...explained('spearman_ochiai_r2', [values.ochiai], values.spearman, groups),
    ...explained('spearman_sparsity_r2', sparse, values.spearman, groups),
    ...explained('ochiai_sparsity_r2', sparse, values.ochiai, groups),
    ...explained('spearman_union_sparsity_r2', sparse, values.spearman_union, groups),
    ...explained('spearman_intersection_sparsity_r2', sparse, values.spearman_intersection, groups),
  ];
}

/** Describes the values within and between types, and how well they separate the two (AUROC). */
function describe(measure: string, values: Float32Array, groups: readonly PairGroup[]): DiagnosticRow[] {
  const [within, between] = [isWithin, isBetween].map((chosen) => select(values, groups, chosen));
  const [a, b] = [within, between].map((some) => some.filter((value) => !Number.isNaN(value)).sort());
  return [
    spread(measure, 'pairs_within', within),
    spread(measure, 'pairs_between', between),
    { diagnostic: `${measure}_auroc`, scope: 'pairs', n: a.length + b.length, value: auroc(a, b) },
  ];
}

/** Computes the share of y that the xs explain: over pairs, within types (centred on the type), and over medians of types. */
function explained(
  diagnostic: string,
  xs: readonly Float32Array[],
  y: Float32Array,
  groups: readonly PairGroup[],
): DiagnosticRow[] {
  const row = (scope: string, { n, r2 }: { n: number; r2: number }) => ({ diagnostic, scope, n, value: r2 });
  const centred = new Moments(xs.length as 1 | 2);
  for (const { start, end } of groups.filter(isWithin)) centred.addCentred(xs, y, start, end);
  const over = (chosen: (group: PairGroup) => boolean, values: typeof select | typeof medians) =>
    rSquared(
      xs.map((x) => values(x, groups, chosen)),
      values(y, groups, chosen),
    );
  return [
    row('pairs', rSquared(xs, y)),
    row('pairs_between', over(isBetween, select)),
    row('pairs_within', { n: centred.n, r2: centred.r2 }),
    row('types', over(isWithin, medians)),
    row('type_pairs', over(isBetween, medians)),
  ];
}

/** Returns the median of every chosen group; NaN for a group without a value. */
function medians(
  values: Float32Array,
  groups: readonly PairGroup[],
  chosen: (group: PairGroup) => boolean,
): Float64Array {
  return Float64Array.from(
    groups.filter(chosen),
    ({ start, end }) => spread('', '', values.subarray(start, end)).quantiles?.[2] ?? Number.NaN,
  );
}

function select(
  values: Float32Array,
  groups: readonly PairGroup[],
  chosen: (group: PairGroup) => boolean,
): Float32Array {
  const some = groups.filter(chosen);
  const out = new Float32Array(some.reduce((n, { start, end }) => n + end - start, 0));
  let at = 0;
  for (const { start, end } of some) {
    out.set(values.subarray(start, end), at);
    at += end - start;
  }
  return out;
}
