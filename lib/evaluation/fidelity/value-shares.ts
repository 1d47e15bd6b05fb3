/**
 * Rank of a value among all others, estimated from a sample of the pairs. It serves the intervals, which need the
 * contribution of a pair, and affects no reported value.
 */
import { orientationOf } from '../../pairwise/spaces/metric.ts';
import type { Space } from '../../pairwise/spaces/space.ts';
import type { CellTypes } from '../../pairwise/tiles/type-pairs.ts';

/** Number of bins of equal width over the range of the sample. */
const FINE = 4096;
/** Number of bins of about equal share of the sample, for the histograms of pairs of types: a multiple of 4. */
const COARSE = 128;
const LEAST_COARSE = 8;
/** Largest total size of the histograms of all pairs of types: with more than 505 types they are coarser. */
const MOST_COARSE = 2 ** 24;

/** Returns the number of coarse bins for a number of types. Only intervals over resampled types depend on it. */
export function coarseBinsOf(types: number): number {
  const groups = (types * (types + 1)) / 2;
  let bins = COARSE;
  while (bins > LEAST_COARSE && groups * bins > MOST_COARSE) bins /= 2;
  return bins;
}

export interface ValueShares {
  readonly lo: number;
  readonly scale: number;
  /** Share by fine bin, for a pair within: pairs between that are less alike, ties half. */
  readonly within: Float64Array;
  /** Share by fine bin, for a pair between: pairs within that are more alike, ties half. */
  readonly between: Float64Array;
  /** Coarse bin of each fine bin, ascending with the value. */
  readonly coarse: Uint8Array;
}

export function valueShares(space: Space, types: CellTypes): ValueShares {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  visitSample(space, types, (value) => {
    if (value < min) min = value;
    if (value > max) max = value;
  });
  const usable = max > min && Number.isFinite(FINE / (max - min));
  const [lo, scale] = usable ? [min, FINE / (max - min)] : [0, 0];
  const counts = [new Float64Array(FINE), new Float64Array(FINE)];
  visitSample(space, types, (value, within) => {
    counts[within ? 0 : 1][fineBin(lo, scale, value)]++;
  });
  const isSimilarity = orientationOf(space.metric) === 'similarity';
  return {
    lo,
    scale,
    within: sharesBelow(counts[1], isSimilarity),
    between: sharesBelow(counts[0], !isSimilarity),
    coarse: coarseBins(counts[0], counts[1], coarseBinsOf(types.names.length)),
  };
}

/** Returns the fine bin of a value; values outside of the range are in the first or last bin. */
export function fineBin(lo: number, scale: number, value: number): number {
  const place = (value - lo) * scale;
  return place >= FINE ? FINE - 1 : place > 0 ? Math.trunc(place) : 0;
}

/** Computes, for each bin, the share of counts in lower bins (or in higher ones), plus half of its own. */
function sharesBelow(counts: Float64Array, lower: boolean): Float64Array {
  const shares = new Float64Array(counts.length);
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return shares;
  let before = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    const below = (before + counts[bin] / 2) / total;
    shares[bin] = lower ? below : 1 - below;
    before += counts[bin];
  }
  return shares;
}

/** Computes coarse bins of equal share, where pairs within and pairs between have equal total weight. */
function coarseBins(within: Float64Array, between: Float64Array, bins: number): Uint8Array {
  const [nWithin, nBetween] = [within, between].map((counts) => counts.reduce((sum, n) => sum + n, 0) || 1);
  const coarse = new Uint8Array(within.length);
  let before = 0;
  for (let bin = 0; bin < within.length; bin++) {
    const own = within[bin] / nWithin + between[bin] / nBetween;
    coarse[bin] = Math.min(bins - 1, Math.floor(((before + own / 2) / 2) * bins));
    before += own;
  }
  return coarse;
}

/** Number of rows up to which all pairs are read. */
const ALL_ROWS = 1024;
/** Sample of more rows: bands of rows spread over all types, each against every `BLOCK_STEP`-th block of columns. */
const BANDS = 64;
const BAND_ROWS = 16;
const BLOCK_COLUMNS = 32;
const BLOCK_STEP = 8;

function visitSample(
  space: Space,
  { starts }: CellTypes,
  visit: (value: number, within: boolean) => void,
): void {
  const { rows, defined } = space;
  const typeOf = new Int32Array(rows);
  for (let t = 0; t + 1 < starts.length; t++) typeOf.fill(t, starts[t], starts[t + 1]);
  const all = rows <= ALL_ROWS;
  const bands = all ? Math.ceil(rows / BAND_ROWS) : BANDS;
  for (let band = 0; band < bands; band++) {
    const rowStart = all ? band * BAND_ROWS : Math.floor((band * (rows - BAND_ROWS)) / (bands - 1));
    const rowEnd = Math.min(rows, rowStart + BAND_ROWS);
    const step = all ? 1 : BLOCK_STEP;
    for (let block = band % step; block * BLOCK_COLUMNS < rows; block += step) {
      const columnStart = block * BLOCK_COLUMNS;
      const columnEnd = Math.min(rows, columnStart + BLOCK_COLUMNS);
      const { values, stride } = space.tile({ rowStart, rowEnd, columnStart, columnEnd });
      for (let row = rowStart; row < rowEnd; row++) {
        if (defined[row] === 0) continue;
        for (let column = columnStart; column < columnEnd; column++) {
          if (column === row || defined[column] === 0) continue;
          visit(values[(row - rowStart) * stride + column - columnStart], typeOf[row] === typeOf[column]);
        }
      }
    }
  }
}
