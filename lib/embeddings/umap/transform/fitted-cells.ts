/**
 * Split of the cells into fitted cells, to which a layout is fitted, and others, which are placed in it. The neighbours
 * determine the split: a fitted cell has itself first and then fitted cells, any other cell has only fitted cells.
 */
import type { Neighbors } from '../../../data/kinds/types.ts';
import type { CentroidDistances } from '../init/component-places.ts';
import type { FittedNeighbors } from './transform.ts';

export interface FittedCells {
  /** Row numbers of the fitted cells and of the others, ascending. */
  readonly fitted: Int32Array;
  readonly others: Int32Array;
  /** Neighbours of the fitted cells, and of the others, as numbers of fitted cells. */
  readonly among: Neighbors;
  readonly ofOthers: FittedNeighbors;
}

/** Splits the neighbours by fitted cells and others; undefined if all cells are fitted. */
export function splitFitted({ cellIds, k, indices, distances }: Neighbors): FittedCells | undefined {
  const cells = cellIds.length;
  const numberOf = new Int32Array(cells).fill(-1);
  const [fitted, others]: [number[], number[]] = [[], []];
  for (let i = 0; i < cells; i++) {
    if (indices[i * k] !== i) others.push(i);
    else numberOf[i] = fitted.push(i) - 1;
  }
  if (others.length === 0) return undefined;
  const listsOf = (rows: readonly number[]) => {
    const own = {
      cells: rows.length,
      k,
      indices: new Int32Array(rows.length * k),
      distances: new Float32Array(rows.length * k),
    };
    for (const [n, row] of rows.entries()) {
      for (let e = 0; e < k; e++) own.indices[n * k + e] = numberOf[indices[row * k + e]];
      own.distances.set(distances.subarray(row * k, (row + 1) * k), n * k);
    }
    return own;
  };
  const among = listsOf(fitted);
  return {
    fitted: Int32Array.from(fitted),
    others: Int32Array.from(others),
    among: { ...among, cellIds: fitted.map((row) => cellIds[row]) },
    ofOthers: listsOf(others),
  };
}

/** Returns centroid distances for groups of the fitted cells, from those for groups of all cells. */
export function distancesAmong(
  fitted: Int32Array,
  cells: number,
  ofAll: CentroidDistances | undefined,
): CentroidDistances | undefined {
  if (ofAll === undefined) return undefined;
  return async ({ count, labels, members }) => {
    // The other cells form an additional group, which is left out of the result.
    const all = new Uint32Array(cells).fill(count);
    for (const [n, row] of fitted.entries()) all[row] = labels[n];
    const distances = await ofAll({ count: count + 1, labels: all, members });
    return Float64Array.from(
      { length: count * count },
      (_, e) => distances[Math.floor(e / count) * (count + 1) + (e % count)],
    );
  };
}

/** Copies the given rows of a table with `width` columns. */
export function pickRows(values: Float32Array, width: number, rows: Int32Array): Float32Array {
  const out = new Float32Array(rows.length * width);
  for (const [n, row] of rows.entries()) {
    out.set(values.subarray(row * width, (row + 1) * width), n * width);
  }
  return out;
}
