/** The rows that a layout's neighbours came from, for what a layout asks of them. */
import type { EmbeddingInput, MatrixInput } from '../../data/kinds/types.ts';
import { type CenteredRows, centerDense, centerSparse } from '../pca/centered-rows.ts';
import { denseCentroidDistances, sparseCentroidDistances } from './init/centroid-distances.ts';
import type { CentroidDistances } from './init/component-places.ts';

/** Reads the rows only if it is asked: if the graph falls into many parts. */
export function centroidDistancesOf(
  rows: MatrixInput | EmbeddingInput | undefined,
  cellIds: readonly string[],
): CentroidDistances | undefined {
  if (rows === undefined) return undefined;
  return async (parts) => {
    if (rows.kind === 'embedding') {
      const { cellIds: found, dims, values } = await rows.read();
      checkCells(found, cellIds);
      return denseCentroidDistances(values, dims)(parts);
    }
    const reader = await rows.open();
    try {
      checkCells(await reader.cellIds(), cellIds);
      return await sparseCentroidDistances(await reader.readAll())(parts);
    } finally {
      await reader.close();
    }
  };
}

/** Rows less their mean, for principal components. */
export async function readCentered(
  input: MatrixInput | EmbeddingInput,
  cellIds: readonly string[],
): Promise<CenteredRows> {
  if (input.kind === 'embedding') {
    const { cellIds: found, dims, values } = await input.read();
    checkCells(found, cellIds);
    return centerDense(values, found.length, dims);
  }
  const reader = await input.open();
  try {
    checkCells(await reader.cellIds(), cellIds);
    return centerSparse(await reader.readAll());
  } finally {
    await reader.close();
  }
}

/** Rows belong to the sampled cells: the same ids in the same order. */
export function checkCells(found: readonly string[], expected: readonly string[]): void {
  if (found.length !== expected.length || found.some((id, i) => id !== expected[i])) {
    throw new Error('Internal error: expected the rows of the sampled cells, in their order');
  }
}
