/** Reading of the rows that a layout's neighbours were computed from. */
import { requireSameIds } from '../../data/kinds/same-cells.ts';
import type { EmbeddingInput, MatrixInput } from '../../data/kinds/types.ts';
import { type CenteredRows, centerDense, centerSparse } from '../pca/centered-rows.ts';
import { denseCentroidDistances, sparseCentroidDistances } from './init/centroid-distances.ts';
import type { CentroidDistances } from './init/component-places.ts';

/** Name of the rows in errors. */
const ROWS = 'rows to embed';

/**
 * Returns a function that computes centroid distances. The rows are read only when it is called, that is if the graph has
 * many components.
 */
export function centroidDistancesOf(
  rows: MatrixInput | EmbeddingInput | undefined,
  cellIds: readonly string[],
): CentroidDistances | undefined {
  if (rows === undefined) return undefined;
  return async (parts) => {
    if (rows.kind === 'embedding') {
      const { cellIds: found, dims, values } = await rows.read();
      requireSameIds(found, cellIds, ROWS);
      return denseCentroidDistances(values, dims)(parts);
    }
    const reader = await rows.open();
    try {
      requireSameIds(await reader.cellIds(), cellIds, ROWS);
      return await sparseCentroidDistances(await reader.readAll())(parts);
    } finally {
      await reader.close();
    }
  };
}

/** Reads rows as a centred matrix, for principal components. */
export async function readCentered(
  input: MatrixInput | EmbeddingInput,
  cellIds: readonly string[],
): Promise<CenteredRows> {
  if (input.kind === 'embedding') {
    const { cellIds: found, dims, values } = await input.read();
    requireSameIds(found, cellIds, ROWS);
    return centerDense(values, found.length, dims);
  }
  const reader = await input.open();
  try {
    requireSameIds(await reader.cellIds(), cellIds, ROWS);
    return centerSparse(await reader.readAll());
  } finally {
    await reader.close();
  }
}
