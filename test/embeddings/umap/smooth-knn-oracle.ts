/** `smoothKnn` as plain loops in 32-bit floats, after umap-learn's `smooth_knn_dist`. */
import type { LocalScales, NeighborDistances } from '../../../lib/embeddings/umap/graph/smooth-knn.ts';
import { exp, log } from '../../../lib/kernels/math.ts';

const STEPS = 64;
const TOLERANCE = 1e-5;
/** σ is at least this share of a mean distance. */
const LEAST_SHARE = 1e-3;
const FLOAT32_MAX = 3.4028234663852886e38;

const { fround } = Math;

export function smoothKnnOracle(neighbors: NeighborDistances, localConnectivity: number): LocalScales {
  const { cells, k, distances } = neighbors;
  const rho = new Float32Array(cells);
  const sigma = new Float32Array(cells);
  const memberships = new Float32Array(distances.length);
  const target = log(k) / log(2);
  const overallMean = mean(distances, 0, distances.length);
  for (let i = 0; i < cells; i++) {
    const start = i * k;
    const end = start + k;
    rho[i] = connectedDistance(distances, start, end, localConnectivity);
    const scale = bandwidth(distances, start, end, rho[i], target);
    const floor = LEAST_SHARE * (rho[i] > 0 ? mean(distances, start, end) : overallMean);
    sigma[i] = scale < floor ? floor : scale;
    for (let e = start; e < end; e++) {
      const beyond = fround(distances[e] - rho[i]);
      memberships[e] = beyond <= 0 || sigma[i] === 0 ? 1 : exp(-fround(beyond / sigma[i]));
    }
  }
  return { rho, sigma, memberships };
}

function connectedDistance(
  distances: Float32Array,
  start: number,
  end: number,
  localConnectivity: number,
): number {
  // Rows ascend: what lies apart from the cell follows what coincides with it.
  let first = start;
  while (first < end && !(distances[first] > 0)) first++;
  const apart = end - first;
  if (apart === 0) return 0;
  if (apart < localConnectivity) return distances[end - 1];
  const whole = Math.floor(localConnectivity);
  const fraction = localConnectivity - whole;
  if (whole === 0) return fround(fraction * distances[first]);
  const near = distances[first + whole - 1];
  if (!(fraction > TOLERANCE)) return near;
  return fround(near + fraction * fround(distances[first + whole] - near));
}

/** σ with Σ exp(−max(0, d − ρ) / σ) = target over all neighbours but the first, which is the cell itself. */
function bandwidth(distances: Float32Array, start: number, end: number, rho: number, target: number): number {
  let low = 0;
  let high = FLOAT32_MAX;
  let middle = 1;
  for (let step = 0; step < STEPS; step++) {
    let sum = 0;
    for (let e = start + 1; e < end; e++) {
      const beyond = fround(distances[e] - rho);
      sum = fround(sum + (beyond > 0 ? fround(exp(-fround(beyond / middle))) : 1));
    }
    if (Math.abs(sum - target) < TOLERANCE) break;
    if (sum > target) {
      high = middle;
      middle = fround(fround(low + high) / 2);
    } else {
      low = middle;
      middle = high >= FLOAT32_MAX ? fround(middle * 2) : fround(fround(low + high) / 2);
    }
  }
  return middle;
}

function mean(values: Float32Array, start: number, end: number): number {
  let sum = 0;
  for (let e = start; e < end; e++) sum += values[e];
  return sum / (end - start);
}
