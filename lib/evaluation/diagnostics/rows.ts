/** Rows of the long table of diagnostics, and conversion of values to rows. */
import type { Columns } from '../../data/kinds/types.ts';
import type { encodingDiagnosticsTable } from '../../data/results/tables.ts';
import { quantileColumns, quantilesFrom } from '../../stats/quantiles.ts';

export interface DiagnosticRow {
  readonly diagnostic: string;
  readonly scope: string;
  /** Cell type of a row of scope `type`. */
  readonly label?: string;
  /** Number of values (cells, pairs, types) that the row describes. */
  readonly n: number;
  /** Mean, or one statistic of all values together; NaN if there is none. */
  readonly value: number;
  /** Quantiles q05, q25, median, q75, q95 of the values; absent for one statistic of all values together. */
  readonly quantiles?: readonly number[];
}

/** Returns a row with the mean and quantiles of the values that are not NaN. */
export function spread(
  diagnostic: string,
  scope: string,
  values: Float64Array | Float32Array,
  label?: string,
): DiagnosticRow {
  const known = values.filter((value) => !Number.isNaN(value)).sort();
  const n = known.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += known[i];
  const quantiles = n === 0 ? undefined : quantilesFrom(n, (rank) => known[rank]);
  return { diagnostic, scope, label, n, value: n === 0 ? Number.NaN : sum / n, quantiles };
}

/** Table of diagnostics, rows in their order. */
export function diagnosticColumns(rows: readonly DiagnosticRow[]): Columns<typeof encodingDiagnosticsTable> {
  return {
    diagnostic: rows.map(({ diagnostic }) => diagnostic),
    scope: rows.map(({ scope }) => scope),
    label: rows.map(({ label }) => label ?? null),
    n: Float64Array.from(rows, ({ n }) => n),
    value: Float64Array.from(rows, ({ value }) => value),
    ...quantileColumns(rows),
  };
}
