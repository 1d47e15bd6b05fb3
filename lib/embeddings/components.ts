import type { EmbeddingInput, MatrixInput } from '../data/kinds/types.ts';
import { dataError } from '../errors.ts';
import type { Context } from '../flow/stage.ts';
import type { CenteredRows } from './pca/centered-rows.ts';
import { principalComponents } from './pca/principal-components.ts';
import { readCentered } from './umap/read-rows.ts';

/**
 * Computes the coordinates of cells along the first principal components of rows, cells × dims, row-major.
 *
 * @throws a data error if there are fewer cells or columns than dims
 */
export async function componentsOf(
  input: MatrixInput | EmbeddingInput,
  cellIds: readonly string[],
  dims: number,
  { progress, signal }: Pick<Context<unknown, unknown, unknown>, 'progress' | 'signal'>,
): Promise<Float32Array> {
  const rows = await readCentered(input, cellIds);
  requireRank(rows, dims);
  const { scores } = await principalComponents(rows, {
    dims,
    async onProgress(basis) {
      progress(0, 1, `${basis} vectors`);
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
    },
  });
  return scores;
}

function requireRank({ rows, columns }: CenteredRows, dims: number): void {
  if (dims <= Math.min(rows, columns)) return;
  throw dataError(
    `${dims} principal components are asked of ${rows} cells × ${columns} genes or dimensions`,
    {
      expected: `dims of at most ${Math.min(rows, columns)}`,
      hint: 'Lower dims of this embedding, or keep more cells and genes.',
    },
  );
}
