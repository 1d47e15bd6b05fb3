/** Count, sum and range of values; min and max are meaningless if n is 0. */
export interface Moments {
  readonly n: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

export const NO_MOMENTS: Moments = { n: 0, sum: 0, min: 0, max: 0 };

/** Combines the moments of two sets of values. */
export function addMoments(a: Moments, b: Moments): Moments {
  if (a.n === 0) return b;
  if (b.n === 0) return a;
  return {
    n: a.n + b.n,
    sum: a.sum + b.sum,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
  };
}
