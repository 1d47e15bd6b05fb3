/**
 * Coordinates from the spectrum of a connected graph: the eigenvectors of the 2nd to (dims + 1)-th smallest
 * eigenvalue of the symmetric normalised Laplacian, as umap-learn's `_spectral_layout`.
 */
import type { RandomStream } from '../flow/random.ts';
import { BLOCK } from '../kernels/panels.ts';
import { symmetricEigen } from '../pca/symmetric-eigen.ts';
import { basisPanels, largestEigenpairs } from './chebyshev-davidson.ts';
import type { Graph } from './fuzzy-graph.ts';
import { denseAdjacency, rootDegrees, sparseAdjacency } from './normalized-adjacency.ts';

/** Up to so many cells the whole spectrum is computed at once. */
const DENSE_CELLS = 256;

/**
 * A pair stands when ‖Lv − λv‖ ≤ 10⁻⁶ λ, a hundredth of what umap-learn asks for; or when it is down to rounding
 * errors, as λ may be with parts that hardly hang together.
 */
const TOLERANCE = 1e-6;
const ROUNDING = 1e-13;
/** What umap-learn asks for, and is enough when the solver gets no nearer. */
const ENOUGH = 1e-4;

export interface SpectralOptions {
  readonly dims: number;
  readonly random: RandomStream;
  /** Called now and then; may throw, or yield to others. */
  readonly pause?: () => void | Promise<void>;
  /** Products of the graph with a panel of vectors after which the solver gives up; for tests. */
  readonly mostProducts?: number;
}

export interface Spectrum {
  /** Ascending, above 0: without the trivial one. */
  readonly eigenvalues: Float64Array;
  /**
   * Cells × dims, row-major; unit vectors, orthogonal to each other. The coordinate of the largest size (the first
   * of them, if several are) of each axis is positive. Within an eigenvalue that repeats, the axes are any.
   */
  readonly coordinates: Float64Array;
  /** False if the solver gave up: the coordinates are none of the spectrum. */
  readonly isConverged: boolean;
}

/** @param graph connected, of at least dims + 2 cells */
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
  const length = Math.sqrt(roots.reduce((sum, root) => sum + root * root, 0));
  const { values, vectors, isConverged } = await largestEigenpairs(sparseAdjacency(graph, roots), {
    wanted: options.dims,
    known: roots.map((root) => root / length),
    tolerance: (theta) => Math.max(ROUNDING, TOLERANCE * (1 - theta)),
    enough: (theta) => Math.max(ROUNDING, ENOUGH * (1 - theta)),
    mostProducts: options.mostProducts,
    random: options.random,
    afterBlock: options.pause,
  });
  return { eigenvalues: values.map((value) => 1 - value), coordinates: vectors, isConverged };
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
