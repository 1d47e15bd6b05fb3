/**
 * Coordinates from the spectrum of a connected graph: the eigenvectors of the 2nd to (dims + 1)-th smallest eigenvalue of
 * the symmetric normalised Laplacian, like umap-learn's `_spectral_layout`.
 */
import type { RandomStream } from '../../../flow/random.ts';
import type { Team } from '../../../flow/workers/parallel.ts';
import { KernelMemory } from '../../../kernels/memory.ts';
import { BLOCK } from '../../../kernels/panels.ts';
import { collectIfWorth, noteShared, sharedBytes, WORTH_BETWEEN_STEPS } from '../../../shared-memory.ts';
import { symmetricEigen } from '../../pca/symmetric-eigen.ts';
import type { Graph } from '../graph/graph.ts';
import { basisPanels, type Eigenpairs } from './chebyshev-davidson.ts';
import { type EigenJob, eigenJob, solveEigenJob } from './eigen-job.ts';
import { denseAdjacency, rootDegrees, sparseAdjacency } from './normalized-adjacency.ts';

/** Number of cells up to which the whole spectrum is computed by a dense solver. */
const DENSE_CELLS = 256;

/** Number of cells from which on a team of threads is used: below, threads would wait for each other as long as they work. */
const TEAM_CELLS = 8192;

/**
 * Tolerance of an eigenpair: ‖Lv − λv‖ ≤ 10⁻⁶ λ, a hundredth of umap-learn's tolerance, or ≤ `ROUNDING`, the size of
 * rounding errors, which λ itself may reach if parts of the graph are weakly connected.
 */
const TOLERANCE = 1e-6;
const ROUNDING = 1e-13;
/** Tolerance of umap-learn, which is accepted if the solver does not reach `TOLERANCE`. */
const ENOUGH = 1e-4;

export interface SpectralOptions {
  readonly dims: number;
  readonly random: RandomStream;
  readonly signal?: AbortSignal;
  /** Team of threads for large graphs; the result is the same without it. */
  readonly team?: Team;
  /** Number of products of the graph with a panel of vectors after which the solver gives up; for tests. */
  readonly mostProducts?: number;
}

export interface Spectrum {
  /** Eigenvalues above 0, ascending, without the trivial one. */
  readonly eigenvalues: Float64Array;
  /**
   * Coordinates, cells × dims, row-major; the axes are orthonormal vectors. The coordinate of the largest absolute value
   * (the first, if several are equal) of each axis is positive. Axes of a repeated eigenvalue are an arbitrary basis.
   */
  readonly coordinates: Float64Array;
  /** Whether the solver converged; if false, the coordinates are not those of the spectrum. */
  readonly isConverged: boolean;
}

/** Computes spectral coordinates. @param graph connected, with at least dims + 2 cells */
export async function spectralCoordinates(graph: Graph, options: SpectralOptions): Promise<Spectrum> {
  const { cells } = graph;
  const { dims } = options;
  const roots = rootDegrees(graph);
  const spectrum =
    cells <= Math.max(DENSE_CELLS, 2 * BLOCK * basisPanels(dims))
      ? wholeSpectrum(graph, roots, dims)
      : await lowSpectrum(graph, roots, options);
  pointAxes(spectrum.coordinates, dims, cells);
  return spectrum;
}

function wholeSpectrum(graph: Graph, roots: Float64Array, dims: number): Spectrum {
  const { cells } = graph;
  const { values, vectors } = symmetricEigen(denseAdjacency(graph, roots), cells);
  const coordinates = new Float64Array(cells * dims);
  for (let i = 0; i < cells; i++) {
    for (let d = 0; d < dims; d++) coordinates[i * dims + d] = vectors[i * cells + d + 1];
  }
  const eigenvalues = values.slice(1, dims + 1).map((value) => 1 - value);
  return { eigenvalues, coordinates, isConverged: true };
}

async function lowSpectrum(graph: Graph, roots: Float64Array, options: SpectralOptions): Promise<Spectrum> {
  const spectrum = await solve(graph, roots, options);
  collectIfWorth(WORTH_BETWEEN_STEPS);
  return spectrum;
}

async function solve(graph: Graph, roots: Float64Array, options: SpectralOptions): Promise<Spectrum> {
  const { dims, random, team, signal, mostProducts } = options;
  const known = unitVector(roots);
  const asked = { wanted: dims, tolerance: TOLERANCE, enough: ENOUGH, rounding: ROUNDING, mostProducts };
  const job = eigenJob(sparseAdjacency(graph, roots), known, asked, random);
  const pairs =
    team === undefined || graph.cells < TEAM_CELLS
      ? await solveEigenJob(job, 1, () => pause(signal))
      : await solveWith(team, job, signal);
  const coordinates = columnsOf(job, pairs, dims);
  noteShared(sharedBytes(job.panels.memory));
  const { values, isConverged } = pairs;
  return { eigenvalues: values.map((value) => 1 - value), coordinates, isConverged };
}

function unitVector(values: Float64Array): Float64Array {
  let square = 0;
  for (let i = 0; i < values.length; i++) square += values[i] * values[i];
  const length = Math.sqrt(square);
  const unit = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) unit[i] = values[i] / length;
  return unit;
}

async function solveWith(team: Team, job: EigenJob, signal?: AbortSignal): Promise<Eigenpairs> {
  let pairs: Eigenpairs | undefined;
  await team(new URL('./eigen-worker.ts', import.meta.url).href, job, (message) => {
    signal?.throwIfAborted();
    pairs = message as Eigenpairs | undefined;
  });
  return pairs!;
}

async function pause(signal?: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal?.throwIfAborted();
}

/** Copies the first columns of the vectors, cells × dims. */
function columnsOf(
  { panels: { memory, rows } }: EigenJob,
  { vectors }: Eigenpairs,
  dims: number,
): Float64Array {
  const room = new KernelMemory(memory);
  const columns = new Float64Array(rows * dims);
  for (const [p, panel] of vectors.entries()) {
    const first = p * BLOCK;
    const width = Math.min(BLOCK, dims - first);
    const values = room.float64(panel, rows * BLOCK);
    for (let i = 0; i < rows; i++) {
      for (let c = 0; c < width; c++) columns[i * dims + first + c] = values[i * BLOCK + c];
    }
  }
  return columns;
}

function pointAxes(coordinates: Float64Array, dims: number, cells: number): void {
  for (let d = 0; d < dims; d++) {
    let largest = 0;
    for (let i = 0; i < cells; i++) {
      const value = coordinates[i * dims + d];
      if (Math.abs(value) > Math.abs(largest)) largest = value;
    }
    if (largest >= 0) continue;
    for (let i = 0; i < cells; i++) coordinates[i * dims + d] = -coordinates[i * dims + d];
  }
}
