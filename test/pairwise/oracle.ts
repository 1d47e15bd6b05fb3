/** Plain definitions in 64-bit floats, one pair at a time: what the fast code is compared with. */
import type { Csr } from '../../lib/cells/csr.ts';
import { RandomStream } from '../../lib/flow/random.ts';
import type { Metric } from '../../lib/pairwise/spaces/metric.ts';

/** Average ranks from 1, as scipy.stats.rankdata. */
export function averageRanks(values: readonly number[]): number[] {
  const places = new Map<number, { below: number; ties: number }>();
  for (const [below, value] of [...values].sort((a, b) => a - b).entries()) {
    const place = places.get(value);
    if (place === undefined) places.set(value, { below, ties: 1 });
    else place.ties++;
  }
  return values.map((value) => {
    const { below, ties } = places.get(value)!;
    return below + (ties + 1) / 2;
  });
}

/** The value of a pair; NaN where it has none. */
export function pairValue(metric: Metric, a: readonly number[], b: readonly number[]): number {
  switch (metric) {
    case 'spearman':
      return pearson(averageRanks(a), averageRanks(b));
    case 'pearson':
      return pearson(a, b);
    case 'cosine':
      return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
    case 'euclidean':
      return Math.sqrt(a.reduce((sum, x, i) => sum + (x - b[i]) ** 2, 0));
    case 'ochiai': {
      const detected = (row: readonly number[]) => row.map((x) => (x === 0 ? 0 : 1));
      return pairValue('cosine', detected(a), detected(b));
    }
    case 'spearman-union': {
      const genes = [...a.keys()].filter((i) => a[i] !== 0 || b[i] !== 0);
      return spearmanOver(genes, a, b);
    }
    case 'spearman-intersection': {
      const genes = [...a.keys()].filter((i) => a[i] !== 0 && b[i] !== 0);
      return spearmanOver(genes, a, b);
    }
  }
}

const spearmanOver = (genes: readonly number[], a: readonly number[], b: readonly number[]) =>
  pairValue(
    'spearman',
    genes.map((i) => a[i]),
    genes.map((i) => b[i]),
  );

function pearson(a: readonly number[], b: readonly number[]): number {
  if (a.every((x) => x === a[0]) || b.every((x) => x === b[0])) return Number.NaN;
  const center = (x: readonly number[]) => {
    const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
    return x.map((value) => value - mean);
  };
  const [x, y] = [center(a), center(b)];
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);

/** numpy.quantile with its default, linear interpolation. */
export function quantile(values: readonly number[], p: number): number {
  const sorted = Float64Array.from(values).sort();
  const place = (sorted.length - 1) * p;
  const low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (place - low);
}

/** P(x > y) + ½ P(x = y), over all pairs. */
export function probabilityAbove(xs: readonly number[], ys: readonly number[]): number {
  let above = 0;
  for (const x of xs) for (const y of ys) above += x > y ? 1 : x === y ? 0.5 : 0;
  return above / (xs.length * ys.length);
}

/** Rows without their zeros. Values are rounded to 32 bits. */
export function toCsr(rows: readonly (readonly number[])[], columns = rows[0]?.length ?? 0): Csr {
  const indptr = new Uint32Array(rows.length + 1);
  const indices: number[] = [];
  const values: number[] = [];
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < rows[i].length; j++) {
      if (rows[i][j] === 0) continue;
      indices.push(j);
      values.push(rows[i][j]);
    }
    indptr[i + 1] = indices.length;
  }
  return {
    rows: rows.length,
    columns,
    indptr,
    indices: Int32Array.from(indices),
    values: Float32Array.from(values),
  };
}

/** Rows of small counts (or of numbers with many digits), a given share of them not zero. */
export function randomRows(
  seed: number,
  n: number,
  columns: number,
  density: number,
  value: (random: RandomStream) => number = (random) => 1 + Math.floor(-2 * Math.log(1 - random.float64())),
): number[][] {
  const random = new RandomStream(seed, 1);
  return Array.from({ length: n }, () =>
    Array.from({ length: columns }, () => (random.float64() < density ? Math.fround(value(random)) : 0)),
  );
}

/** All values of the pairs i < j. */
export function allPairs(metric: Metric, rows: readonly (readonly number[])[]): Map<string, number> {
  const values = new Map<string, number>();
  for (let i = 0; i < rows.length; i++) {
    for (let j = i + 1; j < rows.length; j++) values.set(`${i},${j}`, pairValue(metric, rows[i], rows[j]));
  }
  return values;
}
