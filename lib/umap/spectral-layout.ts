/**
 * Spectral coordinates of a graph that may fall into parts, as umap-learn's `multi_component_layout`: the
 * components get places relative to each other, and each is laid out by its own spectrum around its place, no
 * wider than half the way to the nearest other place.
 */

import { type CentroidDistances, componentPlaces } from './component-places.ts';
import { componentGraph, connectedComponents, membersOf } from './components.ts';
import type { Graph } from './fuzzy-graph.ts';
import { type SpectralOptions, spectralCoordinates } from './spectral.ts';

export interface SpectralLayoutOptions extends SpectralOptions {
  readonly centroidDistances?: CentroidDistances;
}

/** Half the side of the cube in which cells start that are too few to have a spectrum of so many dimensions. */
const REACH = 10;

/** Cells × dims, row-major. */
export async function spectralLayout(graph: Graph, options: SpectralLayoutOptions): Promise<Float64Array> {
  const { dims, random } = options;
  const components = connectedComponents(graph);
  if (components.count === 1) {
    if (graph.cells <= dims + 1) return scatter(graph.cells, options, REACH);
    return (await spectralCoordinates(graph, options)).coordinates;
  }
  const places = await componentPlaces(components, options);
  const layout = new Float64Array(graph.cells * dims);
  const numbers = new Uint32Array(graph.cells);
  for (const [c, members] of membersOf(components).entries()) {
    const reach = nearestPlace(places, c, dims) / 2;
    const own = { ...options, random: random.at(c) };
    let coordinates: Float64Array;
    if (members.length < 2 * dims || members.length <= dims + 1) {
      coordinates = scatter(members.length, own, reach);
    } else {
      coordinates = (await spectralCoordinates(componentGraph(graph, members, numbers), own)).coordinates;
      const largest = coordinates.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      for (let e = 0; e < coordinates.length; e++) coordinates[e] *= reach / largest;
    }
    for (let m = 0; m < members.length; m++) {
      for (let d = 0; d < dims; d++) {
        layout[members[m] * dims + d] = places[c * dims + d] + coordinates[m * dims + d];
      }
    }
  }
  return layout;
}

/** Uniform over the cube from −reach to reach. */
function scatter(cells: number, { dims, random }: SpectralOptions, reach: number): Float64Array {
  return Float64Array.from({ length: cells * dims }, () => reach * (2 * random.float64() - 1));
}

/** Distance from the place of a component to the nearest other place that is not the same. */
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
