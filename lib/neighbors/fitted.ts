/**
 * Neighbours among a subset of the cells, the fitted cells: a layout is fitted to them before the others are placed in
 * it. The rows of the space are reordered: the fitted cells first, then the others.
 */
import type { RandomSource, RandomStream } from '../flow/random.ts';
import type { NearestRows } from '../kernels/nearest.ts';
import type { NearestPart } from './exact/parts.ts';

/** Approximate number of pairs per part. */
const TARGET_PAIRS = 24_000_000;
const MOST_PARTS = 256;

/** Returns the order of the rows of the space, as row numbers: `fitted` cells drawn at random, then the others. */
function fittedFirst(cells: number, fitted: number, random: RandomStream): Int32Array {
  const chosen = random.sample(cells, Math.min(cells, fitted));
  const isChosen = new Uint8Array(cells);
  for (const cell of chosen) isChosen[cell] = 1;
  const order = new Int32Array(cells);
  order.set(chosen);
  let at = chosen.length;
  for (let cell = 0; cell < cells; cell++) if (isChosen[cell] === 0) order[at++] = cell;
  return order;
}

/** Returns `fittedFirst` with the stream 'fitted cells'; undefined if all cells are fitted, which keep their order. */
export function fittedOrder(
  cells: number,
  fitCells: number | null,
  random: RandomSource,
): Int32Array | undefined {
  return fitCells === null ? undefined : fittedFirst(cells, fitCells, random.stream('fitted cells'));
}

/**
 * Returns the length of a row's neighbour list, the row itself counted.
 *
 * @param fitted number of fitted cells
 */
export function listPlaces(k: number, fitCells: number | null, fitted: number): number {
  // A cell that is not fitted needs k neighbours besides itself.
  return Math.min(k, fitted) + (fitCells === null ? 0 : 1);
}

/** Returns parts that compare the other cells (columns) with the fitted cells (rows). */
export function othersParts(fitted: number, cells: number): (NearestPart & { readonly pairs: number })[] {
  const others = cells - fitted;
  const count = Math.min(others, MOST_PARTS, Math.ceil((fitted * others) / TARGET_PAIRS));
  return Array.from({ length: count }, (_, i) => {
    const columnStart = fitted + Math.floor((i * others) / count);
    const columnEnd = fitted + Math.floor(((i + 1) * others) / count);
    const pairs = fitted * (columnEnd - columnStart);
    return { rowStart: 0, rowEnd: fitted, columnStart, columnEnd, pairs };
  });
}

/**
 * Converts lists of rows of the space to lists of cells, cells × k: a fitted cell has itself first and then the nearest
 * other fitted cells, any other cell the k nearest fitted cells.
 *
 * @param found rows × (k + 1), each row with itself first, then the nearest fitted ones
 * @param k at most the number of fitted cells
 */
export function neighborsAmongFitted(
  { indices, distances }: NearestRows,
  order: Int32Array,
  fitted: number,
  k: number,
): NearestRows {
  const out = {
    indices: new Int32Array(order.length * k),
    distances: new Float32Array(order.length * k),
  };
  for (let row = 0; row < order.length; row++) {
    const from = row * (k + 1) + (row < fitted ? 0 : 1);
    for (let e = 0; e < k; e++) {
      out.indices[order[row] * k + e] = order[indices[from + e]];
      out.distances[order[row] * k + e] = distances[from + e];
    }
  }
  return out;
}
