/** Results that several statistics of a view take from one computation. */
import type { Resamples } from '../../stats/resample.ts';
import type { ViewProfile } from './profile.ts';

/** The same function, computed once for the arguments of its last call. */
export function oncePerView<T>(
  compute: (view: ViewProfile, resamples: Resamples, k: number) => T,
): (view: ViewProfile, resamples: Resamples, k?: number) => T {
  let last: { view: ViewProfile; resamples: Resamples; k: number; result: T } | undefined;
  return (view, resamples, k = 0) => {
    if (last?.view !== view || last.resamples !== resamples || last.k !== k)
      last = { view, resamples, k, result: compute(view, resamples, k) };
    return last.result;
  };
}
