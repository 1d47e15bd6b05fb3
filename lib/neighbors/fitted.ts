/**
 * Neighbours among some of the cells, the fitted ones, which a layout is fitted to before the others are placed in it.
 * The rows of the space are in an order of their own: the fitted cells, then the others, each in theirs.
 */
import type { RandomSource, RandomStream } from '../flow/random.ts';
import type { NearestRows } from '../kernels/nearest.ts';
import type { NearestPart } from './exact/parts.ts';

/** About so many pairs a part. */
const TARGET_PAIRS = 24_000_000;
const MOST_PARTS = 256;

/** The order of the rows of the space, as row numbers: `fitted` cells drawn at random, then the others. */
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

/** As `fittedFirst`, from the stream of that name; undefined if all cells are fitted: they are in their own order. */
export function fittedOrder(
  cells: number,
  fitCells: number | null,
  random: RandomSource,
): Int32Array | undefined {
  return fitCells === null ? undefined : fittedFirst(cells, fitCells, random.stream('fitted cells'));
}

/**
 * Places of the list of a row, itself counted.
 *
 * @param fitted how many cells are fitted
 */
export function listPlaces(k: number, fitCells: number | null, fitted: number): number {
  // A cell that is not fitted needs k besides itself.
  return Math.min(k, fitted) + (fitCells === null ? 0 : 1);
}

/** Parts in which the other cells (columns) meet the fitted ones (rows). */
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
 * From rows of the space to cells: a fitted cell has itself first and then the nearest other fitted ones, another cell
 * the k nearest fitted ones.
 *
 * @param found rows × (k + 1), each row with itself first, then the nearest fitted ones
 * @param k at most as many as there are fitted cells
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
