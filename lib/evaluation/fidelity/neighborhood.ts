/** Statistics of the nearest cells of a cell: share of its type, and overlap with those in another space. */
import type { Estimate } from '../../stats/estimate.ts';
import type { Resamples } from '../../stats/resample.ts';
import { oncePerView } from './once-per-view.ts';
import type { ViewProfile } from './profile.ts';

/** Share of a cell's k nearest cells with its own type; NaN for a cell without neighbours. */
export function purityOfCells({ neighbors, types, k: listed }: ViewProfile, k: number): Float64Array {
  const purity = new Float64Array(types.length);
  for (let cell = 0; cell < types.length; cell++) {
    let [found, same] = [0, 0];
    for (let slot = 0; slot < Math.min(k, listed); slot++) {
      const other = neighbors[cell * listed + slot];
      if (other < 0) break;
      found++;
      if (types[other] === types[cell]) same++;
    }
    purity[cell] = same / found;
  }
  return purity;
}

/** Jaccard index of a cell's k nearest cells in two views: shared over all; NaN if it has none in one of them. */
export function overlapOfCells(a: ViewProfile, b: ViewProfile, k: number): Float64Array {
  const overlaps = new Float64Array(a.types.length);
  /** Marks by cell: the last cell whose nearest in `a` include it. */
  const nearTo = new Int32Array(overlaps.length).fill(-1);
  for (let cell = 0; cell < overlaps.length; cell++) {
    const own = nearest(a, cell, k);
    const other = nearest(b, cell, k);
    for (let i = 0; i < own.length; i++) nearTo[own[i]] = cell;
    let shared = 0;
    for (let i = 0; i < other.length; i++) if (nearTo[other[i]] === cell) shared++;
    const none = own.length === 0 || other.length === 0;
    overlaps[cell] = none ? Number.NaN : shared / (own.length + other.length - shared);
  }
  return overlaps;
}

function nearest({ neighbors, k: listed }: ViewProfile, cell: number, k: number): Int32Array {
  const row = neighbors.subarray(cell * listed, cell * listed + Math.min(k, listed));
  const end = row.indexOf(-1);
  return end < 0 ? row : row.subarray(0, end);
}

/** Means of one number per cell; cells, and types, without a value are left out. */
export interface CellMeans {
  readonly overCells: Estimate;
  /** Mean over types of the means over the cells of each type. */
  readonly overTypes: Estimate;
}

/** Purity of the k nearest neighbours; computed once for a view and k. */
export const purity = oncePerView((view, resamples, k) =>
  cellMeans(purityOfCells(view, k), view.types, resamples),
);

export function cellMeans(values: Float64Array, typeOf: Int32Array, resamples: Resamples): CellMeans {
  const { draws, typeCount, types } = resamples;
  const n = values.length;
  const byType = valuesByType(values, typeOf, typeCount);
  const once = new Uint16Array(typeCount).fill(1);
  const all = typeSums(byType, new Uint16Array(n).fill(1));
  const means = [meanOverCells, meanOverTypes] as const;
  const [overCells, overTypes] = means.map((mean) => ({
    value: mean(all, once),
    cells: new Float64Array(draws),
    types: new Float64Array(draws),
  }));
  for (let draw = 0; draw < draws; draw++) {
    const drawn = typeSums(byType, resamples.cells(draw));
    const ofTypes = types.subarray(draw * typeCount, (draw + 1) * typeCount);
    for (const [i, estimate] of [overCells, overTypes].entries()) {
      estimate.cells[draw] = means[i](drawn, once);
      estimate.types[draw] = means[i](all, ofTypes);
    }
  }
  return { overCells, overTypes };
}

/** Computes the mean over cells from sums by type. @param weights how often each type counts */
function meanOverCells({ sums, totals }: TypeSums, weights: Uint16Array): number {
  let [sum, total] = [0, 0];
  for (let t = 0; t < sums.length; t++) {
    sum += weights[t] * sums[t];
    total += weights[t] * totals[t];
  }
  return sum / total;
}

function meanOverTypes({ sums, totals }: TypeSums, weights: Uint16Array): number {
  let [sum, total] = [0, 0];
  for (let t = 0; t < sums.length; t++) {
    if (weights[t] === 0 || totals[t] === 0) continue;
    sum += (weights[t] * sums[t]) / totals[t];
    total += weights[t];
  }
  return sum / total;
}

/** Cells with a value, grouped by type, within a type in their order. */
interface ValuesByType {
  /** Start of each type, types + 1. */
  readonly starts: Int32Array;
  readonly cells: Int32Array;
  readonly values: Float64Array;
}

function valuesByType(values: Float64Array, typeOf: Int32Array, types: number): ValuesByType {
  const starts = new Int32Array(types + 1);
  for (let cell = 0; cell < values.length; cell++) {
    if (!Number.isNaN(values[cell])) starts[typeOf[cell] + 1]++;
  }
  for (let t = 0; t < types; t++) starts[t + 1] += starts[t];
  const next = starts.slice();
  const own = { starts, cells: new Int32Array(starts[types]), values: new Float64Array(starts[types]) };
  for (let cell = 0; cell < values.length; cell++) {
    if (Number.isNaN(values[cell])) continue;
    const at = next[typeOf[cell]]++;
    own.cells[at] = cell;
    own.values[at] = values[cell];
  }
  return own;
}

/** Sums per type: weighted sum of the cells' values, and total weight of the cells. */
interface TypeSums {
  readonly sums: Float64Array;
  readonly totals: Float64Array;
}

/** Sums values by type. @param weights how often each cell counts */
function typeSums({ starts, cells, values }: ValuesByType, weights: Uint16Array): TypeSums {
  const types = starts.length - 1;
  const [sums, totals] = [new Float64Array(types), new Float64Array(types)];
  for (let t = 0; t < types; t++) {
    let sum = 0;
    let total = 0;
    for (let i = starts[t]; i < starts[t + 1]; i++) {
      const weight = weights[cells[i]];
      sum += weight * values[i];
      total += weight;
    }
    sums[t] = sum;
    totals[t] = total;
  }
  return { sums, totals };
}
