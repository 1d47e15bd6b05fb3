/** What the nearest cells of a cell are: of its type, and the same as in another space. */
import type { Estimate } from './estimate.ts';
import type { ViewProfile } from './profile.ts';
import type { Resamples } from './resample.ts';

/** The share of a cell's k nearest with its own type; NaN for a cell without neighbours. */
export function purityOfCells({ neighbors, types, k: listed }: ViewProfile, k: number): Float64Array {
  return Float64Array.from(types, (type, cell) => {
    let [found, same] = [0, 0];
    for (let slot = 0; slot < Math.min(k, listed); slot++) {
      const other = neighbors[cell * listed + slot];
      if (other < 0) break;
      found++;
      if (types[other] === type) same++;
    }
    return same / found;
  });
}

/** Jaccard's index of a cell's k nearest in two views: shared over all; NaN if it has none in one of them. */
export function overlapOfCells(a: ViewProfile, b: ViewProfile, k: number): Float64Array {
  const overlaps = new Float64Array(a.types.length);
  for (let cell = 0; cell < overlaps.length; cell++) {
    const own = nearest(a, cell, k);
    const other = nearest(b, cell, k);
    const set = new Set(own);
    let shared = 0;
    for (const neighbor of other) if (set.has(neighbor)) shared++;
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

/** The mean over cells; cells without a value are left out. */
export function meanOverCells(values: Float64Array, typeOf: Int32Array, resamples: Resamples): Estimate {
  const all = typeSums(values, typeOf, resamples.typeCount, ONES, 0);
  const mean = (sums: TypeSums, weights: Weights, at: number) => {
    let [sum, total] = [0, 0];
    for (let t = 0; t < sums.sums.length; t++) {
      const weight = weights === ONES ? 1 : weights[at + t];
      sum += weight * sums.sums[t];
      total += weight * sums.totals[t];
    }
    return sum / total;
  };
  return estimate(values, typeOf, resamples, all, mean);
}

/** The mean over types of the means over their cells; types without a value are left out. */
export function meanOverTypes(values: Float64Array, typeOf: Int32Array, resamples: Resamples): Estimate {
  const all = typeSums(values, typeOf, resamples.typeCount, ONES, 0);
  const mean = ({ sums, totals }: TypeSums, weights: Weights, at: number) => {
    let [sum, total] = [0, 0];
    for (let t = 0; t < sums.length; t++) {
      const weight = weights === ONES ? 1 : weights[at + t];
      if (weight === 0 || totals[t] === 0) continue;
      sum += (weight * sums[t]) / totals[t];
      total += weight;
    }
    return sum / total;
  };
  return estimate(values, typeOf, resamples, all, mean);
}

/** How often each cell or type counts; without any, once. */
type Weights = Uint16Array;
const ONES: Weights = /* @__PURE__ */ new Uint16Array(0);

/** Of each type: the sum of its cells' values, and how many they are. */
interface TypeSums {
  readonly sums: Float64Array;
  readonly totals: Float64Array;
}

function typeSums(
  values: Float64Array,
  typeOf: Int32Array,
  types: number,
  weights: Weights,
  at: number,
): TypeSums {
  const sums = new Float64Array(types);
  const totals = new Float64Array(types);
  for (let cell = 0; cell < values.length; cell++) {
    const value = values[cell];
    if (Number.isNaN(value)) continue;
    const weight = weights === ONES ? 1 : weights[at + cell];
    sums[typeOf[cell]] += weight * value;
    totals[typeOf[cell]] += weight;
  }
  return { sums, totals };
}

function estimate(
  values: Float64Array,
  typeOf: Int32Array,
  { draws, typeCount, cells, types }: Resamples,
  all: TypeSums,
  mean: (sums: TypeSums, weights: Weights, at: number) => number,
): Estimate {
  const n = values.length;
  const ofCells = new Float64Array(draws);
  const ofTypes = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    ofCells[draw] = mean(typeSums(values, typeOf, typeCount, cells, draw * n), ONES, 0);
    ofTypes[draw] = mean(all, types, draw * typeCount);
  }
  return { value: mean(all, ONES, 0), cells: ofCells, types: ofTypes };
}
