/**
 * The local scale of every cell: ρ, the distance from which its neighbours begin to fade, and σ, how fast
 * they do, such that the memberships of its neighbours add up to log₂ k (umap-learn's `smooth_knn_dist`).
 *
 * The bisection runs in 32-bit floats as there, since where it stops depends on their rounding. A cell takes some twenty
 * steps of k exponentials, which a kernel computes with the bits of lib/kernels/math.ts, four at a time.
 */
import { log } from '../kernels/math.ts';
import { instantiateKernel, KernelMemory } from '../kernels/memory.ts';

/** Distances of neighbours, cells × k row-major, each row ascending, the cell itself first. */
export interface NeighborDistances {
  readonly cells: number;
  readonly k: number;
  readonly distances: Float32Array;
}

export interface LocalScales {
  readonly rho: Float32Array;
  readonly sigma: Float32Array;
  /** exp(−(d − ρ) / σ), 1 up to ρ: how strongly each neighbour belongs to the cell; cells × k. */
  readonly memberships: Float32Array;
}

type Kernel = WebAssembly.Exports & {
  smooth(...numbers: number[]): void;
  mean(values: number, count: number): number;
};

/** Numbers that the kernel reads at once. */
const LANES = 4;

/**
 * @param localConnectivity how many of the nearest neighbours at a distance above 0 a cell counts as fully
 *   connected to; a fraction lies between two of them
 */
export async function smoothKnn(
  { cells, k, distances }: NeighborDistances,
  localConnectivity: number,
): Promise<LocalScales> {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const kernel = (await instantiateKernel(
    new URL('../kernels/smooth-knn.wasm', import.meta.url),
    memory,
  )) as Kernel;
  const room = new KernelMemory(memory);
  const table = room.allocate(distances.byteLength);
  const rho = room.allocate(cells * 4);
  const sigma = room.allocate(cells * 4);
  const memberships = room.allocate(distances.byteLength);
  const row = room.allocate((k + LANES) * 4);
  room.float32(table, distances.length).set(distances);
  const target = log(k) / log(2);
  const overallMean = kernel.mean(table, distances.length);
  kernel.smooth(0, cells, k, table, rho, sigma, memberships, row, localConnectivity, target, overallMean);
  return {
    rho: room.float32(rho, cells),
    sigma: room.float32(sigma, cells),
    memberships: room.float32(memberships, distances.length),
  };
}
