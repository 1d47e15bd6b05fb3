/** Conversion of losses by cell to rows of the long table. */

import type { CellTypes } from '../../pairwise/tiles/type-pairs.ts';
import { spearman } from '../../stats/correlation.ts';
import { CELL_LOSSES, type CellLosses } from './cell-losses.ts';
import { type DiagnosticRow, spread } from './rows.ts';

/** Describes every diagnostic that some cell has, over all cells and over those of each type; and its pooled value. */
export function describeCells(losses: CellLosses, within: Float64Array, types: CellTypes): DiagnosticRow[] {
  const pooled = losses.pooled();
  const { columns } = losses;
  // A cell is truncated if a gene that is read has no entry.
  const truncated = columns.cut_genes.map((share) => (share > 0 ? 1 : Number.isNaN(share) ? share : 0));
  const named: [string, Float64Array][] = [
    ...CELL_LOSSES.map((diagnostic): [string, Float64Array] => [diagnostic, columns[diagnostic]]),
    ['truncated', truncated],
    ['within_similarity', within],
  ];
  return named
    .filter(([, values]) => values.some((value) => !Number.isNaN(value)))
    .flatMap(([diagnostic, values]): DiagnosticRow[] => {
      const all = spread(diagnostic, 'cells', values);
      const together = (pooled as Record<string, number>)[diagnostic];
      return [
        all,
        ...(together === undefined ? [] : [{ diagnostic, scope: 'pooled', n: all.n, value: together }]),
        ...types.names.map((name, type) => spread(diagnostic, 'type', ofType(values, types, type), name)),
      ];
    });
}

/**
 * Describes whether sparsity is associated with being unlike one's own type: Spearman's correlation of sparsity and mean
 * similarity to the other cells of the type, over the cells of a type; and over types, of their medians.
 */
export function describeSparsity(
  sparsity: Float64Array,
  within: Float64Array,
  types: CellTypes,
): DiagnosticRow[] {
  const diagnostic = 'sparsity_similarity';
  const rows = types.names.map((label, type): DiagnosticRow => {
    const pairs = known(ofType(sparsity, types, type), ofType(within, types, type));
    return { diagnostic, scope: 'type', label, n: pairs.xs.length, value: correlation(pairs) };
  });
  const medians = [sparsity, within].map((values) =>
    types.names.map((_, type) => spread('', '', ofType(values, types, type)).quantiles?.[2] ?? Number.NaN),
  );
  const points = known(medians[0], medians[1]);
  return [
    spread(
      diagnostic,
      'types_within',
      Float64Array.from(rows, ({ value }) => value),
    ),
    { diagnostic, scope: 'types', n: points.xs.length, value: correlation(points) },
    ...rows,
  ];
}

/** Returns Spearman's correlation; NaN for fewer than three points, where it means nothing. */
function correlation({ xs, ys }: { xs: number[]; ys: number[] }): number {
  return xs.length < 3 ? Number.NaN : spearman(xs, ys);
}

function known(xs: ArrayLike<number>, ys: ArrayLike<number>): { xs: number[]; ys: number[] } {
  const places = Array.from(xs, (_, i) => i).filter((i) => !Number.isNaN(xs[i]) && !Number.isNaN(ys[i]));
  return { xs: places.map((i) => xs[i]), ys: places.map((i) => ys[i]) };
}

function ofType(values: Float64Array, { order, starts }: CellTypes, type: number): Float64Array {
  return Float64Array.from(order.subarray(starts[type], starts[type + 1]), (cell) => values[cell]);
}
