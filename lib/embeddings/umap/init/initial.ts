/**
 * Initial coordinates of a layout: low eigenvectors of the graph, principal components, or random. They are scaled so that
 * the largest coordinate is 10, perturbed a little so that no points coincide, and stretched to 0 … 10 along each axis
 * (umap-learn's `noisy_scale_coords` and `simplicial_set_embedding`).
 */
import type { RandomStream } from '../../../flow/random.ts';
import { log } from '../../../kernels/math.ts';
import type { Graph } from '../graph/graph.ts';
import { type SpectralLayoutOptions, spectralLayout } from './spectral-layout.ts';

export type Init = 'spectral' | 'pca' | 'random';

const EXTENT = 10;
const NOISE = 1e-4;
/** Half of the number of values of 32 random bits. */
const HALF = 2 ** 31;
const { fround } = Math;

export interface InitialOptions extends SpectralLayoutOptions {
  readonly init: Init;
  /** Principal components, cells × dims, row-major, for `init: 'pca'`. */
  readonly principalComponents?: Float32Array;
}

/**
 * Computes initial coordinates, cells × dims, row-major, each axis from 0 to 10; a single cell is at the origin.
 *
 * @param options `random`: separate stream, of which the substreams `at` numbers are used
 */
export async function initialCoordinates(graph: Graph, options: InitialOptions): Promise<Float32Array> {
  const { cells } = graph;
  const { dims, init, random } = options;
  if (init === 'random' || cells < 2) return stretchAxes(randomStart(cells, dims, random.at(0)), dims);
  const coordinates =
    init === 'pca'
      ? componentsGiven(options, cells)
      : await spectralLayout(graph, { ...options, random: random.at(1) });
  return stretchAxes(scaleWithNoise(coordinates, random.at(2)), dims);
}

function componentsGiven({ principalComponents, dims }: InitialOptions, cells: number): Float32Array {
  if (principalComponents?.length === cells * dims) return principalComponents;
  throw new Error(`Internal error: expected ${dims} principal components of ${cells} cells`);
}

/** Draws coordinates uniformly over the cube of side 20 around the origin, cells × dims. */
function randomStart(cells: number, dims: number, random: RandomStream): Float32Array {
  const values = new Float32Array(cells * dims);
  for (let e = 0; e < values.length; e++) values[e] = EXTENT * (2 * random.float64() - 1);
  return values;
}

/** Scales coordinates so that the largest absolute value is 10, and adds normal noise of standard deviation 10⁻⁴. */
function scaleWithNoise(
  coordinates: Float64Array | Float32Array,
  random: RandomStream,
): Float32Array<ArrayBuffer> {
  let largest = 0;
  for (let e = 0; e < coordinates.length; e++) largest = Math.max(largest, Math.abs(coordinates[e]));
  const expansion = largest > 0 ? EXTENT / largest : 1;
  const values = new Float32Array(coordinates.length);
  normalNumbers(values, random);
  for (let e = 0; e < values.length; e++) {
    values[e] = fround(coordinates[e] * expansion) + fround(NOISE * values[e]);
  }
  return values;
}

/** Stretches each axis to 0 … 10, in place. An axis on which all cells are equal becomes 0. */
function stretchAxes(values: Float32Array, dims: number): Float32Array {
  for (let d = 0; d < dims; d++) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let e = d; e < values.length; e += dims) {
      const value = values[e];
      if (value < low) low = value;
      if (value > high) high = value;
    }
    const extent = fround(high - low);
    for (let e = d; e < values.length; e += dims) {
      values[e] = extent > 0 ? fround(EXTENT * fround(values[e] - low)) / extent : 0;
    }
  }
  return values;
}

/** Draws standard normal numbers by Marsaglia's polar method, which needs no sine; 32 random bits are enough for noise. */
function normalNumbers(out: Float32Array, random: RandomStream): void {
  for (let e = 0; e < out.length; ) {
    const u = random.uint32() / HALF - 1;
    const v = random.uint32() / HALF - 1;
    const s = u * u + v * v;
    if (s === 0 || s >= 1) continue;
    const factor = Math.sqrt((-2 * log(s)) / s);
    out[e++] = u * factor;
    if (e < out.length) out[e++] = v * factor;
  }
}
