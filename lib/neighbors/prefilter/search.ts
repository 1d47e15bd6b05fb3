/**
 * Exact nearest neighbours by Euclidean distance of sparse rows, with all cores on one action. Every pair is compared
 * first as rows of small whole numbers, which a processor multiplies eight at a time. The error of such a distance is
 * bounded for each row, so only pairs within twice this bound of the k-th least distance can be neighbours. Their exact
 * distances are then computed, and the result equals that of a search without rounding to the last bit.
 *
 * Threads add to each other's lists in arbitrary order. The intermediate content of a list depends on this order; the
 * candidates that its k nearest do not exclude in the end do not.
 */
import type { Csr } from '../../cells/csr.ts';
import type { MatrixReader } from '../../data/kinds/types.ts';
import type { Team } from '../../flow/workers/parallel.ts';
import type { NearestRows } from '../../kernels/nearest.ts';
import { INTEGER_LIMITS } from '../../kernels/pairs.ts';
import { listCapacity, prefilterJob } from './job.ts';
import { piecesOf } from './pieces.ts';
import { roomForRounded } from './rounded-rows.ts';

/** Smallest number of rows: for fewer, two steps take longer than all exact distances. */
const LEAST_ROWS = 4096;

/** Whether a search in two steps is possible and faster: for encodings without negative values, with enough rows. */
export function isWorthPrefilter(
  { rows, columns, notes }: Pick<MatrixReader, 'rows' | 'columns' | 'notes'>,
  metric: string,
  k: number,
): boolean {
  const isNonNegative = notes.encoding === 'lognorm' || notes.encoding === 'counts';
  const isLarge = rows >= LEAST_ROWS && rows >= 8 * listCapacity(k);
  return metric === 'euclidean' && isNonNegative && isLarge && columns < INTEGER_LIMITS.columns;
}

export interface PrefilterContext {
  readonly team: Team;
  /** Called with the number of finished pieces of the work, and their total. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Finds the k nearest other rows of each row, rows × k, nearest first, ties by row number.
 *
 * @param matrix without negative values, in shared memory; threads start while it is being read
 * @param k number of neighbours, at least 1, and fewer than there are rows
 */
export async function nearestByPrefilter(
  matrix: Csr | Promise<Csr>,
  k: number,
  { team, onProgress }: PrefilterContext,
): Promise<NearestRows> {
  let total = 0;
  const making = Promise.resolve(matrix).then((rows) => {
    total = piecesOf(rows.rows).length;
    return prefilterJob(roomForRounded(rows), k);
  });
  let done = 0;
  await team(new URL('./worker.ts', import.meta.url).href, making, (more) => {
    done += more as number;
    onProgress?.(done, total);
  });
  const job = await making;
  return { indices: new Int32Array(job.found.indices), distances: new Float32Array(job.found.distances) };
}
