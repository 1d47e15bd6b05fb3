/**
 * Spearman's rank correlation over the genes that two sparse rows share, in AssemblyScript, in whole numbers until the last
 * step. The ranking of pairs without sorting is described in lib/pairwise/spaces/intersection-space.ts.
 */

/** Scatters the value numbers of a row's entries, from 1, to the places of their genes; `step` 0 clears these places. */
export function scatter(indices: usize, codes: usize, n: u32, own: usize, step: i32): void {
  const end = indices + (<usize>n << 2);
  for (; indices < end; indices += 4) {
    store<i32>(own + (<usize>load<u32>(indices) << 2), (load<i32>(codes) + 1) * step);
    codes += 4;
  }
}

/** Writes doubled centred ranks from counts by value, which are zeroed; returns the sum of squares over all values. */
// @ts-ignore: decorator
@inline
function rankCounts(counts: usize, distinct: u32, total: i32, ranks: usize): i64 {
  let squares: i64 = 0;
  let below: i32 = 0;
  const end = counts + (<usize>distinct << 2);
  for (; counts < end; counts += 4) {
    const n = load<i32>(counts);
    const rank = 2 * below + n - total;
    store<i32>(ranks, rank);
    squares += <i64>n * (<i64>rank * <i64>rank);
    below += n;
    store<i32>(counts, 0);
    ranks += 4;
  }
  return squares;
}

// @ts-ignore: decorator
@inline
function tally(at: usize): void {
  store<u32>(at, load<u32>(at) + 1);
}

/**
 * Correlates the row that was scattered to `own` with the rows [start, end). Values go to `out`, NaN for a pair without a
 * value.
 *
 * @param distinct number of distinct values of each row
 * @param scratch six arrays of `room` words: shared values of both rows, counts (all 0) and ranks of both rows
 */
export function correlate(
  indptr: usize, indices: usize, codes: usize, distinct: usize, own: usize,
  row: u32, start: u32, end: u32, scratch: usize, room: u32, out: usize,
): void {
  const bytes = <usize>room << 2;
  const sharedX = scratch;
  const sharedY = sharedX + bytes;
  const countsX = sharedY + bytes;
  const countsY = countsX + bytes;
  const ranksX = countsY + bytes;
  const ranksY = ranksX + bytes;
  const distinctX = load<u32>(distinct + (<usize>row << 2));
  for (let column = start; column < end; column++) {
    const first = <usize>load<u32>(indptr + (<usize>column << 2)) << 2;
    const last = <usize>load<u32>(indptr + (<usize>column << 2), 4) << 2;
    let k: usize = 0;
    for (let e = first; e < last; e += 4) {
      const code = load<i32>(own + (<usize>load<u32>(indices + e) << 2));
      // Entries are always written, and kept only if shared: there is no branch to mispredict.
      store<i32>(sharedX + k, code - 1);
      store<i32>(sharedY + k, load<i32>(codes + e));
      k += <usize>(code != 0) << 2;
    }
    const shared = <i32>(k >>> 2);
    let value: f64 = NaN;
    if (shared > 1) {
      for (let s: usize = 0; s < k; s += 4) {
        tally(countsX + (<usize>load<u32>(sharedX + s) << 2));
        tally(countsY + (<usize>load<u32>(sharedY + s) << 2));
      }
      const varianceX = rankCounts(countsX, distinctX, shared, ranksX);
      const varianceY = rankCounts(countsY, load<u32>(distinct + (<usize>column << 2)), shared, ranksY);
      let covariance: i64 = 0;
      for (let s: usize = 0; s < k; s += 4) {
        const x = load<i32>(ranksX + (<usize>load<u32>(sharedX + s) << 2));
        const y = load<i32>(ranksY + (<usize>load<u32>(sharedY + s) << 2));
        covariance += <i64>x * <i64>y;
      }
      // + 0 turns −0 into +0, so that equal values have equal bits. No variance gives 0/0, NaN.
      const root = sqrt<f64>(<f64>varianceX * <f64>varianceY);
      value = max<f64>(-1, min<f64>(1, <f64>covariance / root)) + 0.0;
    }
    store<f32>(out, <f32>value);
    out += 4;
  }
}
