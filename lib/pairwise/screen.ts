/**
 * Nearest neighbours in two steps, as exact as in one and in less than half the time: Euclidean distances of sparse rows are
 * first taken of values rounded to whole numbers, which the integer kernel multiplies eight at a time, and only the
 * nearest by these, more than are wanted, are measured exactly. How far the rounded distances can be off is bounded
 * for each row, so that it is known whether a row that is not among them could have been; if so, the row is compared
 * with all others.
 */
import type { Csr } from '../cells/csr.ts';
import type { MatrixReader } from '../formats/types.ts';
import { attachGathered } from '../kernels/gathered-pairs.ts';
import { INTEGER_LIMITS, layIntegers } from '../kernels/pairs.ts';
import { kernelSpace } from './kernel-space.ts';
import type { Metric } from './metric.ts';
import type { NearestRows } from './nearest.ts';
import { rowNumbers } from './open-space.ts';
import type { Space } from './space.ts';
import { columnsByUse } from './sparse-rows.ts';
import { sparseSpace } from './sparse-space.ts';

/** The largest rounded value: sums of 64 products fit 32 bits. */
const LARGEST_STEP = 8191;
/** With fewer rows, distances take so little time that two steps take more. */
const LEAST_ROWS = 4096;
/** More than twice the error of a rounded distance in 32-bit floats, as a share of its square. */
const ROUNDING = 1e-6;

const { fround } = Math;

/** How many of the nearest by rounded values are measured, for k neighbours (the row itself not counted). */
export const screenedNeighbors = (k: number): number => 2 * k + 16;

/** Of each row, all as 64-bit floats: Σx², and the length of what rounding takes away. */
interface Rounded {
  /** What the whole numbers are multiples of. */
  readonly unit: number;
  readonly squares: Float64Array;
  readonly losses: Float64Array;
}

function roundedRows({ rows, indptr, values }: Csr): Rounded {
  let largest = 0;
  for (let e = 0; e < indptr[rows]; e++) {
    if (values[e] < 0) throw new Error(`Internal error: a value of ${values[e]} among those to be screened`);
    if (values[e] > largest) largest = values[e];
  }
  const unit = largest > 0 ? largest / LARGEST_STEP : 1;
  const squares = new Float64Array(rows);
  const losses = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let square = 0;
    let loss = 0;
    for (let e = indptr[i]; e < indptr[i + 1]; e++) {
      const rest = values[e] - unit * Math.round(values[e] / unit);
      square += values[e] * values[e];
      loss += rest * rest;
    }
    squares[i] = square;
    losses[i] = Math.sqrt(loss);
  }
  return { unit, squares, losses };
}

/** Whether neighbours in two steps are possible, and pay: for encodings without negative values, of enough rows. */
export function isWorthScreening(
  { rows, columns, notes }: Pick<MatrixReader, 'rows' | 'columns' | 'notes'>,
  metric: Metric,
  k: number,
): boolean {
  const isNonNegative = notes.encoding === 'lognorm' || notes.encoding === 'counts';
  const isLarge = rows >= LEAST_ROWS && rows >= 16 * screenedNeighbors(k);
  return metric === 'euclidean' && isNonNegative && isLarge && columns <= INTEGER_LIMITS.columns;
}

/** The rows of a matrix with rounded distances, in units of their own. */
export async function screeningSpace(matrix: Csr): Promise<Space> {
  const { rows, indptr, indices, values } = matrix;
  const by = columnsByUse(matrix);
  const { unit, squares } = roundedRows(matrix);
  const kernelRows = layIntegers(
    {
      indptr: Uint32Array.from(indptr),
      columns: by.used,
      write(row, columnsOut, valuesOut) {
        for (let e = indptr[row], at = 0; e < indptr[row + 1]; e++, at++) {
          columnsOut[at] = by.numberOf[indices[e]];
          valuesOut[at] = Math.round(values[e] / unit);
        }
      },
    },
    {
      finish: 'euclidean',
      c: 0,
      s: squares.map((square) => square / (unit * unit)),
      w: new Float64Array(rows),
    },
  );
  return kernelSpace(kernelRows, new Float64Array(rows), {
    metric: 'euclidean',
    size: { genes: matrix.columns },
  });
}

/**
 * The k nearest of each row by exact distances, rows × (k + 1), the row itself first.
 *
 * @param found by the screening space, rows × (screenedNeighbors(k) + 1), the row itself first
 */
export async function refineNearest(matrix: Csr, found: NearestRows, k: number): Promise<NearestRows> {
  const { rows, indptr, indices, values } = matrix;
  const { unit, squares, losses } = roundedRows(matrix);
  const screened = screenedNeighbors(k) + 1;
  const out = {
    indices: new Int32Array(rows * (k + 1)),
    distances: new Float32Array(rows * (k + 1)),
  };
  const longest = Math.sqrt(squares.reduce((most, square) => Math.max(most, square), 0));
  const largestLoss = losses.reduce((most, loss) => Math.max(most, loss), 0);
  const dense = new Float64Array(matrix.columns);
  const uncertain: number[] = [];
  for (let i = 0; i < rows; i++) {
    for (let e = indptr[i]; e < indptr[i + 1]; e++) dense[indices[e]] = values[e];
    const list = new NearestList(out, i, k);
    for (let at = i * screened + 1; at < (i + 1) * screened; at++) {
      const other = found.indices[at];
      let dot = 0;
      for (let e = indptr[other]; e < indptr[other + 1]; e++) dot += values[e] * dense[indices[e]];
      list.offer(other, fround(Math.sqrt(fround(Math.max(0, squares[i] + squares[other] - 2 * dot)))));
    }
    for (let e = indptr[i]; e < indptr[i + 1]; e++) dense[indices[e]] = 0;
    // x·y differs from that of the rounded by e_x·y + x̂·e_y, e being what rounding takes away (Cauchy, Schwarz).
    const off = 2 * (losses[i] * longest + (Math.sqrt(squares[i]) + losses[i]) * largestLoss);
    const leftOut = unit * found.distances[(i + 1) * screened - 1];
    const limit = leftOut * leftOut - off - ROUNDING * (leftOut * leftOut + squares[i]);
    if (!(list.farthest * list.farthest < limit)) uncertain.push(i);
  }
  if (uncertain.length > 0) await compareWithAll(matrix, uncertain, out, k);
  return out;
}

/** Replaces the neighbours of some rows by those that a look at all rows finds. */
async function compareWithAll(
  matrix: Csr,
  uncertain: readonly number[],
  out: NearestRows,
  k: number,
): Promise<void> {
  const { rows, columns } = matrix;
  const space = await sparseSpace(matrix, 'euclidean', columns, rowNumbers(rows));
  const kernel = await attachGathered(space.shared!.kernelRows);
  for (let from = 0; from < uncertain.length; from += kernel.width) {
    const panel = uncertain.slice(from, from + kernel.width);
    const lists = panel.map((row) => new NearestList(out, row, k));
    kernel.setPanel(panel);
    for (let row = 0; row < rows; row++) {
      const distances = kernel.meet(row);
      for (const [lane, list] of lists.entries()) if (row !== panel[lane]) list.offer(row, distances[lane]);
    }
  }
}

/** The k nearest others of a row, written where they belong: by distance, ties by row number. */
class NearestList {
  readonly #indices: Int32Array;
  readonly #distances: Float32Array;

  constructor({ indices, distances }: NearestRows, row: number, k: number) {
    const start = row * (k + 1);
    indices[start] = row;
    distances[start] = 0;
    this.#indices = indices.subarray(start + 1, start + 1 + k).fill(-1);
    this.#distances = distances.subarray(start + 1, start + 1 + k).fill(Number.POSITIVE_INFINITY);
  }

  get farthest(): number {
    return this.#distances[this.#distances.length - 1];
  }

  offer(row: number, distance: number): void {
    const indices = this.#indices;
    const distances = this.#distances;
    let slot = indices.length;
    while (
      slot > 0 &&
      (distance < distances[slot - 1] || (distance === distances[slot - 1] && row < indices[slot - 1]))
    ) {
      slot--;
    }
    if (slot === indices.length) return;
    indices.copyWithin(slot + 1, slot, indices.length - 1);
    distances.copyWithin(slot + 1, slot, distances.length - 1);
    indices[slot] = row;
    distances[slot] = distance;
  }
}
