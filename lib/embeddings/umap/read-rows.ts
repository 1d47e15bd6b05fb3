/** The rows that a layout's neighbours came from, for what a layout asks of them. */
import { requireSameIds } from '../../data/kinds/same-cells.ts';
import type { EmbeddingInput, MatrixInput } from '../../data/kinds/types.ts';
import { type CenteredRows, centerDense, centerSparse } from '../pca/centered-rows.ts';
import { denseCentroidDistances, sparseCentroidDistances } from './init/centroid-distances.ts';
import type { CentroidDistances } from './init/component-places.ts';

/** For errors. */
const ROWS = 'rows to embed';

/** Reads the rows only if it is asked: if the graph falls into many parts. */
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

/** Rows less their mean, for principal components. */
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
