/** Table of type pairs as square matrices, one per measure. */
import { byCodeUnit } from '../drawing/text.ts';
import type { ReportData } from './data.ts';

export interface TypeMatrix {
  /** Medians of the pairs between types i and j, types × types, symmetric; NaN where there is none. */
  readonly median: Float64Array;
  /** Quantiles of the pairs within type i; NaN where there is none. */
  readonly within: {
    readonly q05: Float64Array;
    readonly q25: Float64Array;
    readonly q75: Float64Array;
    readonly q95: Float64Array;
    readonly pairs: Float64Array;
  };
}

export interface TypeMatrices {
  /** Types of all measures, sorted by code unit. */
  readonly types: readonly string[];
  readonly byMeasure: ReadonlyMap<string, TypeMatrix>;
}

export function typeMatrices(data: Pick<ReportData, 'typePairs' | 'measures'>): TypeMatrices {
  const { typePairs: t } = data;
  const types = [...new Set([...t.type_a, ...t.type_b])].sort(byCodeUnit);
  const index = new Map(types.map((type, i) => [type, i]));
  const n = types.length;
  const missing = (length: number) => new Float64Array(length).fill(Number.NaN);
  const byMeasure = new Map(
    data.measures.map(({ name }) => [
      name,
      {
        median: missing(n * n),
        within: { q05: missing(n), q25: missing(n), q75: missing(n), q95: missing(n), pairs: missing(n) },
      },
    ]),
  );
  for (let row = 0; row < t.measure.length; row++) {
    const matrix = byMeasure.get(t.measure[row]);
    if (matrix === undefined) continue;
    const a = index.get(t.type_a[row])!;
    const b = index.get(t.type_b[row])!;
    matrix.median[a * n + b] = t.median[row];
    matrix.median[b * n + a] = t.median[row];
    if (a === b) {
      matrix.within.q05[a] = t.q05[row];
      matrix.within.q25[a] = t.q25[row];
      matrix.within.q75[a] = t.q75[row];
      matrix.within.q95[a] = t.q95[row];
      matrix.within.pairs[a] = t.n_pairs[row];
    }
  }
  return { types, byMeasure };
}

/**
 * Returns, for each type, the other type whose cells are most alike to its own by the median, the first of several; −1 where
 * there is none.
 */
export function closestOthers(matrix: TypeMatrix, n: number, similarity: boolean): Int32Array {
  const closest = new Int32Array(n).fill(-1);
  for (let i = 0; i < n; i++) {
    let best = Number.NaN;
    for (let j = 0; j < n; j++) {
      const m = matrix.median[i * n + j];
      if (i === j || Number.isNaN(m)) continue;
      if (closest[i] < 0 || (similarity ? m > best : m < best)) {
        closest[i] = j;
        best = m;
      }
    }
  }
  return closest;
}
