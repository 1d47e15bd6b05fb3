/**
 * Relative places of the components of a graph: on the axes if there are few, else by the spectrum of the distances
 * between their centroids (umap-learn's `component_layout`).
 */
import { exp } from '../../../kernels/math.ts';
import { symmetricEigen } from '../../pca/symmetric-eigen.ts';
import type { Components } from './components.ts';
import type { SpectralOptions } from './spectral.ts';

/** Function that returns the distances between the centroids of components in the space of the cells, count × count. */
export type CentroidDistances = (components: Components) => Float64Array | Promise<Float64Array>;

/** Number of components above which a full matrix of their distances would take longer than the layout. */
const MOST_COMPONENTS = 500;

export interface PlaceOptions extends SpectralOptions {
  /** Centroid distances; without them, more than 2 · dims components get random places, as in umap-learn without the data. */
  readonly centroidDistances?: CentroidDistances;
}

/** Returns the places of the components, count × dims, row-major. */
export async function componentPlaces(components: Components, options: PlaceOptions): Promise<Float64Array> {
  const { count } = components;
  const { dims, random, centroidDistances } = options;
  if (count <= 2 * dims) return placesOnAxes(count, dims);
  if (centroidDistances === undefined || count > MOST_COMPONENTS) {
    return Float64Array.from({ length: count * dims }, () => 10 * random.float64());
  }
  return placesByDistance(await centroidDistances(components), count, dims);
}

/** Places components at 1 on as many axes as are needed, then at −1 on the same axes. */
function placesOnAxes(count: number, dims: number): Float64Array {
  const places = new Float64Array(count * dims);
  const half = Math.ceil(count / 2);
  for (let c = 0; c < count; c++) places[c * dims + (c % half)] = c < half ? 1 : -1;
  return places;
}

/**
 * Places components by the low eigenvectors of the normalised Laplacian of the affinities exp(−d²), each divided by the
 * roots of the degrees (scikit-learn's `SpectralEmbedding`), with largest coordinate 1. Unlike in umap-learn, d is in units
 * of the mean distance: between types of cells, distances are so large that all affinities would vanish.
 */
function placesByDistance(distances: Float64Array, count: number, dims: number): Float64Array {
  const unit = distances.reduce((sum, distance) => sum + distance, 0) / (count * (count - 1)) || 1;
  const affinities = distances.map((distance) => exp(-((distance / unit) * (distance / unit))));
  const roots = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    affinities[i * count + i] = 0;
    let degree = 0;
    for (let j = 0; j < count; j++) degree += affinities[i * count + j];
    roots[i] = Math.sqrt(degree) || 1;
  }
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) affinities[i * count + j] /= roots[i] * roots[j];
  }
  const { vectors } = symmetricEigen(affinities, count);
  const places = new Float64Array(count * dims);
  let largest = 0;
  for (let d = 0; d < dims; d++) {
    let sign = 0;
    let size = 0;
    for (let c = 0; c < count; c++) {
      const value = vectors[c * count + d + 1] / roots[c];
      places[c * dims + d] = value;
      if (Math.abs(value) > size) {
        size = Math.abs(value);
        sign = value < 0 ? -1 : 1;
      }
    }
    for (let c = 0; c < count; c++) places[c * dims + d] *= sign;
    largest = Math.max(largest, size);
  }
  return places.map((value) => value / largest);
}
