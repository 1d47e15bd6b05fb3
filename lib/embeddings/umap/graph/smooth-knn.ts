/**
 * Local scale of every cell: ρ, the distance from which the memberships of its neighbours decay, and σ, the scale of the
 * decay, such that the memberships of its neighbours add up to log₂ k (umap-learn's `smooth_knn_dist`).
 *
 * The bisection runs in 32-bit floats as there, since its end depends on their rounding. A cell takes some twenty steps of
 * k exponentials, which a kernel computes with the bits of lib/kernels/math.ts, four at a time.
 */
import { log } from '../../../kernels/math.ts';
import type { Address } from '../../../kernels/memory.ts';
import { type FuzzyKernel, openFuzzyKernel } from './fuzzy-kernel.ts';

/** Distances of neighbours, cells × k row-major, each row ascending, the cell itself first. */
export interface NeighborDistances {
  readonly cells: number;
  readonly k: number;
  readonly distances: Float32Array;
}

export interface LocalScales {
  readonly rho: Float32Array;
  readonly sigma: Float32Array;
  /** Memberships exp(−(d − ρ) / σ), 1 up to ρ: strength with which each neighbour belongs to the cell, cells × k. */
  readonly memberships: Float32Array;
}

/** Addresses of the arrays of `LocalScales`, 32-bit floats, in the memory of a kernel. */
export interface ScalesAt {
  readonly rho: Address;
  readonly sigma: Address;
  readonly memberships: Address;
}

/** Number of values that the kernel reads at once. */
const LANES = 4;

/**
 * Computes the local scales of all cells.
 *
 * @param localConnectivity number of nearest neighbours at a distance above 0 that a cell is fully connected to; a fraction
 *   interpolates between two of them
 */
export async function smoothKnn(
  neighbors: NeighborDistances,
  localConnectivity: number,
): Promise<LocalScales> {
  const kernel = await openFuzzyKernel();
  const { room } = kernel;
  const { rho, sigma, memberships } = findScales(kernel, neighbors, localConnectivity);
  return {
    rho: room.float32(rho, neighbors.cells),
    sigma: room.float32(sigma, neighbors.cells),
    memberships: room.float32(memberships, neighbors.distances.length),
  };
}

/** Computes the local scales of all cells in the memory of a kernel: see `smoothKnn`. */
export function findScales(
  { room, run }: FuzzyKernel,
  { cells, k, distances }: NeighborDistances,
  localConnectivity: number,
): ScalesAt {
  const from = room.allocate(distances.byteLength);
  room.float32(from, distances.length).set(distances);
  const rho = room.allocate(cells * 4);
  const sigma = room.allocate(cells * 4);
  const memberships = room.allocate(distances.byteLength);
  const row = room.allocate((k + LANES) * 4);
  const target = log(k) / log(2);
  const mean = run.mean(from, distances.length);
  run.smooth(cells, k, from, rho, sigma, memberships, row, localConnectivity, target, mean);
  return { rho, sigma, memberships };
}
