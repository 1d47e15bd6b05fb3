/** Statistic with its values in each resample. */
export interface Estimate {
  /** Value of the full sample; NaN if it is not defined. */
  readonly value: number;
  /** Values in each resample of cells; null if cells cannot be resampled for the statistic. */
  readonly cells: Float64Array | null;
  /** Values in each resample of types; null if types cannot be resampled for the statistic. */
  readonly types: Float64Array | null;
}

/** Returns the mean of several estimates of the same statistic, draw by draw. */
export function meanEstimate(estimates: readonly Estimate[]): Estimate {
  if (estimates.length === 1) return estimates[0];
  const mean = (pick: (estimate: Estimate) => Float64Array | null): Float64Array | null => {
    const all = estimates.map(pick);
    const [first] = all;
    if (first === null) return null;
    return first.map((_, draw) => all.reduce((sum, draws) => sum + draws![draw], 0) / all.length);
  };
  const value = estimates.reduce((sum, estimate) => sum + estimate.value, 0) / estimates.length;
  return { value, cells: mean(({ cells }) => cells), types: mean(({ types }) => types) };
}

/** Returns the difference of two estimates, draw by draw; it is paired, since both come from the same resamples. */
export function differenceOf(a: Estimate, b: Estimate): Estimate {
  const difference = (x: Float64Array | null, y: Float64Array | null) =>
    x === null || y === null ? null : x.map((value, draw) => value - y[draw]);
  return {
    value: a.value - b.value,
    cells: difference(a.cells, b.cells),
    types: difference(a.types, b.types),
  };
}

/** Applies a function to the value of an estimate, and to its value in each draw. */
export function mapEstimate({ value, cells, types }: Estimate, map: (x: number) => number): Estimate {
  return { value: map(value), cells: cells?.map(map) ?? null, types: types?.map(map) ?? null };
}
