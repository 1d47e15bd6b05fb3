/** Whether rows are those of the sampled cells: what tells their types joins them by place alone. */
import { hashCells } from '../../data/kinds/cells-hash.ts';
import type { EmbeddingInput, MatrixInput } from '../../data/kinds/types.ts';

/** Fails unless the rows are these cells in this order. A matrix tells its cells without being read. */
export async function requireSameCells(
  input: MatrixInput | EmbeddingInput,
  cellIds: readonly string[],
): Promise<void> {
  const [rows, found] = await cellsOf(input);
  if (rows !== cellIds.length) {
    throw new Error(`Internal error: ${rows} rows to compare, but ${cellIds.length} cells are in the sample`);
  }
  if (found === hashCells(cellIds)) return;
  throw new Error('Internal error: the rows to compare are not the cells of the sample, in their order');
}

async function cellsOf(input: MatrixInput | EmbeddingInput): Promise<[number, string]> {
  if (input.kind === 'embedding') {
    const { cellIds } = await input.read();
    return [cellIds.length, hashCells(cellIds)];
  }
  const reader = await input.open();
  try {
    return [reader.rows, await reader.cellsHash()];
  } finally {
    await reader.close();
  }
}
