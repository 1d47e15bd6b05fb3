/** Distance in which the move of a cell is measured, by the kind of encoding. */
import type { Csr } from '../../cells/csr.ts';
import type { MatrixMetadata } from '../../data/kinds/types.ts';
import { denseSpace } from '../../pairwise/spaces/dense-space.ts';
import { type Metric, orientationOf } from '../../pairwise/spaces/metric.ts';
import { rowNumbers, spaceOfMatrix } from '../../pairwise/spaces/open-space.ts';
import type { Space } from '../../pairwise/spaces/space.ts';

/** Metric by kind: Euclidean for magnitudes, cosine for vectors and bags, Spearman for orders and digits. */
const METRICS: Readonly<Partial<Record<string, Metric>>> = {
  counts: 'euclidean',
  lognorm: 'euclidean',
  scfoundation: 'euclidean',
  'genept-w': 'cosine',
  uce: 'cosine',
  rank: 'spearman',
  'rank-detected': 'spearman',
  cell2sentence: 'spearman',
  geneformer: 'spearman',
  'genept-s': 'spearman',
  scgpt: 'spearman',
  scbert: 'spearman',
};

/** Returns the metric of a kind of encoding; Euclidean for an unknown kind. */
export function naturalMetric(kind: string): Metric {
  return METRICS[kind] ?? 'euclidean';
}

/** Converts a value of a metric to a distance: 1 minus the value of a similarity. */
export function asDistance(metric: string, value: number): number {
  return orientationOf(metric) === 'distance' ? value : 1 - value;
}

/** Opens encoded rows as a space. */
export function spaceOfRows(
  rows: Csr,
  metric: Metric,
  { genesUsed, layout }: MatrixMetadata,
): Promise<Space> {
  const order = rowNumbers(rows.rows);
  if (layout === 'sparse') return spaceOfMatrix(rows, metric, genesUsed, order);
  const { columns: dims, indptr, indices, values } = rows;
  const coordinates = new Float32Array(rows.rows * dims);
  for (let row = 0; row < rows.rows; row++) {
    for (let e = indptr[row]; e < indptr[row + 1]; e++) coordinates[row * dims + indices[e]] = values[e];
  }
  const cellIds = Array.from(order, String);
  return denseSpace({ cellIds, labels: cellIds.map(() => null), dims, values: coordinates }, metric, order);
}

/** Computes the distances of row `row` to rows [start, end); NaN where the metric has no value. */
export function distances(space: Space, row: number, start: number, end: number): Float64Array {
  if (end <= start) return new Float64Array(0);
  const { values } = space.tile({ rowStart: row, rowEnd: row + 1, columnStart: start, columnEnd: end });
  return Float64Array.from({ length: end - start }, (_, i) => {
    const isKnown = space.defined[row] === 1 && space.defined[start + i] === 1;
    return isKnown ? asDistance(space.metric, values[i]) : Number.NaN;
  });
}

/** Computes the least distance of row `row` to the other rows of [start, end); NaN if it has none. */
export function nearestOther(space: Space, row: number, start: number, end: number): number {
  let least = Number.POSITIVE_INFINITY;
  const found = distances(space, row, start, end);
  for (let i = 0; i < found.length; i++) if (start + i !== row && found[i] < least) least = found[i];
  return least === Number.POSITIVE_INFINITY ? Number.NaN : least;
}

/** Whether two rows of a matrix hold the same numbers. */
export function sameRow({ indptr, indices, values }: Csr, a: number, b: number): boolean {
  const length = indptr[a + 1] - indptr[a];
  if (indptr[b + 1] - indptr[b] !== length) return false;
  for (let i = 0; i < length; i++) {
    if (indices[indptr[a] + i] !== indices[indptr[b] + i]) return false;
    if (values[indptr[a] + i] !== values[indptr[b] + i]) return false;
  }
  return true;
}
