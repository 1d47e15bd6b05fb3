/** Opens an artifact as a space. */
import type { EmbeddingInput, MatrixInput } from '../formats/types.ts';
import { denseSpace } from './dense-space.ts';
import type { Metric } from './metric.ts';
import type { Space } from './space.ts';
import { sparseSpace } from './sparse-space.ts';

/**
 * @param order the rows of the space, as row numbers of the artifact; all rows in their order if absent
 */
export async function openSpace(
  input: MatrixInput | EmbeddingInput,
  metric: Metric,
  order?: Int32Array,
): Promise<Space> {
  if (input.kind === 'embedding') {
    const embedding = await input.read();
    return denseSpace(embedding, metric, order ?? rowNumbers(embedding.cellIds.length));
  }
  const reader = await input.open();
  try {
    // An encoding says how many genes take part: zeros count, also in columns that no cell uses.
    const genes = Number(reader.notes.genes_used ?? reader.columns);
    return await sparseSpace(await reader.readAll(), metric, genes, order ?? rowNumbers(reader.rows));
  } finally {
    await reader.close();
  }
}

/** 0 … n − 1. */
export function rowNumbers(n: number): Int32Array {
  return Int32Array.from({ length: n }, (_, i) => i);
}
