/**
 * Input of models that read genes with a value each, as an Arrow file: `cell_id`, `genes: List<Int32>` (the model's own
 * numbers, in its order, special ones included), `values: List<Float32>`. The schema's metadata has `kind`, `notes`
 * (JSON) and, in the footer, `rows` and `total_genes`.
 */
import type { Kind } from '../../flow/stage.ts';
import { createRagged, decodeNotes, encodeNotes, type ListColumn, openRagged } from './ragged.ts';
import type { ModelInputInput, ModelInputOutput, ModelInputWriter } from './types.ts';

export function modelInput(): Kind<'model', ModelInputInput, ModelInputOutput> {
  return {
    name: 'model',
    input: (path) => ({ kind: 'model', read: () => readModelInput(path) }),
    output: (path) => ({ create: (notes) => createModelInput(path, notes) }),
  };
}

const LISTS: readonly ListColumn[] = [
  { name: 'genes', type: 'Int32' },
  { name: 'values', type: 'Float32' },
];

async function createModelInput(
  path: string,
  notes: Readonly<Record<string, string>> = {},
): Promise<ModelInputWriter> {
  const metadata = { kind: 'model', notes: encodeNotes(notes) };
  const file = await createRagged(path, LISTS, { metadata, total: 'total_genes' });
  return {
    append: (cellIds, { offsets, genes, values }) => file.append(cellIds, offsets, [genes, values]),
    close: () => file.close(),
  };
}

async function readModelInput(path: string) {
  const file = await openRagged(path, LISTS, 'model');
  const cellIds: string[] = [];
  const genes: Int32Array[] = [];
  const values: Float32Array[] = [];
  for await (const block of file.blocks()) {
    for (let i = 0; i < block.cellIds.length; i++) {
      cellIds.push(block.cellIds[i]);
      genes.push((block.values[0] as Int32Array).subarray(block.offsets[i], block.offsets[i + 1]));
      values.push((block.values[1] as Float32Array).subarray(block.offsets[i], block.offsets[i + 1]));
    }
  }
  return { cellIds, genes, values, notes: decodeNotes(file.metadata) };
}
