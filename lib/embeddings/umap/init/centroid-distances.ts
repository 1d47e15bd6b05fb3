/** Euclidean distances between the means of groups of cells. Sums run in row order, in float64. */
import type { CsrBlock } from '../../../cells/csr.ts';
import type { CentroidDistances } from './component-places.ts';
import type { Components } from './components.ts';

/** Returns a function that computes centroid distances of dense rows. @param values rows × columns, row-major */
export function denseCentroidDistances(values: Float32Array, columns: number): CentroidDistances {
  return (components) => {
    const { count, labels } = components;
    const sums = new Float64Array(count * columns);
    for (let i = 0; i < labels.length; i++) {
      const to = labels[i] * columns;
      for (let g = 0; g < columns; g++) sums[to + g] += values[i * columns + g];
    }
    return distancesOfMeans(sums, columns, components);
  };
}

export function sparseCentroidDistances({ columns, indptr, indices, values }: CsrBlock): CentroidDistances {
  return (components) => {
    const { count, labels } = components;
    const sums = new Float64Array(count * columns);
    for (let i = 0; i < labels.length; i++) {
      const to = labels[i] * columns;
      for (let e = indptr[i]; e < indptr[i + 1]; e++) sums[to + indices[e]] += values[e];
    }
    return distancesOfMeans(sums, columns, components);
  };
}

function distancesOfMeans(sums: Float64Array, columns: number, { count, labels }: Components): Float64Array {
  const sizes = new Float64Array(count);
  for (let i = 0; i < labels.length; i++) sizes[labels[i]]++;
  const distances = new Float64Array(count * count);
  for (let a = 0; a < count; a++) {
    for (let b = 0; b < a; b++) {
      let square = 0;
      for (let g = 0; g < columns; g++) {
        const apart = sums[a * columns + g] / sizes[a] - sums[b * columns + g] / sizes[b];
        square += apart * apart;
      }
      distances[a * count + b] = Math.sqrt(square);
      distances[b * count + a] = distances[a * count + b];
    }
  }
  return distances;
}
