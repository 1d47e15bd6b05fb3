/**
 * Exact nearest neighbours by Euclidean distance of sparse rows, with all cores on one action. Every pair is looked at,
 * but as rows of small whole numbers, which a processor multiplies eight at a time. How far such a distance can be
 * off is bounded for each row, so that what cannot be left out is known: all within twice that of the k-th least.
 * These are then measured, and the result has the bits of a search without rounding.
 *
 * Threads add to each other's lists in whatever order they come to it. What a list holds on the way depends on that;
 * what its k nearest do not rule out in the end does not.
 */
import type { Csr } from '../../cells/csr.ts';
import type { MatrixReader } from '../../data/kinds/types.ts';
import type { Team } from '../../flow/workers/parallel.ts';
import type { NearestRows } from '../../kernels/nearest.ts';
import { INTEGER_LIMITS } from '../../kernels/pairs.ts';
import { listCapacity, prefilterJob } from './job.ts';
import { piecesOf } from './pieces.ts';
import { roomForRounded } from './rounded-rows.ts';

/** With fewer rows, distances take so little time that two steps take more. */
const LEAST_ROWS = 4096;

/** Whether neighbours in two steps are possible, and pay: for encodings without negative values, of enough rows. */
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
  /** Pieces of the work that are done, and how many there are. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * The k nearest others of each row, rows × k, nearest first, ties by row number.
 *
 * @param matrix without negative values, in shared memory; threads start while it is being read
 * @param k at least 1, and fewer than there are rows
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
