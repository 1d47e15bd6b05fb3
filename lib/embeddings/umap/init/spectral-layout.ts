/**
 * Spectral coordinates of a graph that may have several components, like umap-learn's `multi_component_layout`: components
 * get places relative to each other, and each is laid out by its own spectrum around its place, within half the distance
 * to the nearest other place. Components with fewer cells than a spectrum needs are scattered around their place, and so
 * are those whose spectrum does not converge, with a note to the user.
 */
import type { Graph } from '../graph/graph.ts';
import { type CentroidDistances, componentPlaces } from './component-places.ts';
import { componentGraph, connectedComponents } from './components.ts';
import { type SpectralOptions, type Spectrum, spectralCoordinates } from './spectral.ts';

export interface SpectralLayoutOptions extends SpectralOptions {
  readonly centroidDistances?: CentroidDistances;
  /** Called with notes for the user about the initial coordinates. */
  readonly onNote?: (note: string) => void;
}

/** Largest coordinate of a connected graph. */
const REACH = 10;

/** Computes spectral coordinates, cells × dims, row-major. */
export async function spectralLayout(graph: Graph, options: SpectralLayoutOptions): Promise<Float64Array> {
  const { dims, random } = options;
  const components = connectedComponents(graph);
  const isWhole = components.count === 1;
  const places = isWhole ? new Float64Array(dims) : await componentPlaces(components, options);
  const layout = new Float64Array(graph.cells * dims);
  const numbers = new Uint32Array(graph.cells);
  for (const [c, members] of components.members.entries()) {
    const reach = isWhole ? REACH : nearestPlace(places, c, dims) / 2;
    const own = { ...options, random: random.at(c) };
    const isSmall = members.length <= dims + 1 || (!isWhole && members.length < 2 * dims);
    const spectrum = isSmall
      ? undefined
      : await spectralCoordinates(componentGraph(graph, members, numbers), own);
    if (spectrum?.isConverged === false) {
      options.onNote?.(
        `the eigenvectors of ${isWhole ? 'the graph' : 'a part of the graph'} (${members.length} cells) were not found; these cells start at random places`,
      );
    }
    const coordinates = spectrum?.isConverged ? spread(spectrum, reach) : scatter(members.length, own, reach);
    for (let m = 0; m < members.length; m++) {
      for (let d = 0; d < dims; d++) {
        layout[members[m] * dims + d] = places[c * dims + d] + coordinates[m * dims + d];
      }
    }
  }
  return layout;
}

/** Scales coordinates in place so that the largest absolute value is `reach`. */
function spread({ coordinates }: Spectrum, reach: number): Float64Array {
  let largest = 0;
  for (let e = 0; e < coordinates.length; e++) largest = Math.max(largest, Math.abs(coordinates[e]));
  for (let e = 0; e < coordinates.length; e++) coordinates[e] *= reach / largest;
  return coordinates;
}

/** Draws coordinates uniformly over the cube from −reach to reach. */
function scatter(cells: number, { dims, random }: SpectralOptions, reach: number): Float64Array {
  return Float64Array.from({ length: cells * dims }, () => reach * (2 * random.float64() - 1));
}

/** Distance from the place of a component to the nearest different place; 1 if there is none. */
function nearestPlace(places: Float64Array, component: number, dims: number): number {
  let nearest = Number.POSITIVE_INFINITY;
  for (let start = 0; start < places.length; start += dims) {
    let square = 0;
    for (let d = 0; d < dims; d++) {
      const apart = places[start + d] - places[component * dims + d];
      square += apart * apart;
    }
    if (square > 0 && square < nearest) nearest = square;
  }
  return nearest < Number.POSITIVE_INFINITY ? Math.sqrt(nearest) : 1;
}
