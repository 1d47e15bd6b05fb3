/** Dense coordinates of cells as an Arrow file: `cell_id`, `label`, `d1` … `dk` (Float32). */
import { dataError } from '../../errors.ts';
import { columnData, readUtf8 } from '../../flow/kinds/arrow-columns.ts';
import { createArrowFile, loadArrow, openArrowFile, TABLE_BATCH_ROWS } from '../../flow/kinds/arrow-file.ts';
import type { Kind } from '../../flow/stage.ts';
import type { Embedding, EmbeddingInput, EmbeddingOutput } from './types.ts';

/**
 * Kind of coordinates: cells × dims, float32 by rows. Each call of `read` reads the whole file into memory, and throws a
 * data error if it is no embedding; `write` throws for values that are not finite and for lengths that do not fit.
 */
export function embedding(): Kind<'embedding', EmbeddingInput, EmbeddingOutput> {
  return {
    name: 'embedding',
    input: (path) => ({ kind: 'embedding', read: () => readEmbedding(path) }),
    output: (path) => ({ write: (value) => writeEmbedding(path, value) }),
  };
}

const UTF8 = { type: 'utf8', nullable: false } as const;
const LABEL = { type: 'utf8', nullable: true } as const;
const FLOAT32 = { type: 'float32', nullable: false } as const;

async function writeEmbedding(path: string, embedding: Embedding): Promise<void> {
  checkEmbedding(embedding);
  const { cellIds, labels, dims, values } = embedding;
  const arrow = await loadArrow();
  const fields = [
    new arrow.Field('cell_id', new arrow.Utf8(), false),
    new arrow.Field('label', new arrow.Utf8(), true),
    ...Array.from({ length: dims }, (_, d) => new arrow.Field(`d${d + 1}`, new arrow.Float32(), false)),
  ];
  const file = await createArrowFile(path, fields);
  for (let start = 0; start < cellIds.length; start += TABLE_BATCH_ROWS) {
    const end = Math.min(start + TABLE_BATCH_ROWS, cellIds.length);
    const columns = [
      columnData(arrow, UTF8, cellIds.slice(start, end)),
      columnData(arrow, LABEL, labels.slice(start, end)),
    ];
    for (let d = 0; d < dims; d++) {
      const column = new Float32Array(end - start);
      for (let i = start; i < end; i++) column[i - start] = values[i * dims + d];
      columns.push(columnData(arrow, FLOAT32, column));
    }
    await file.write(end - start, columns);
  }
  await file.close();
}

function checkEmbedding({ cellIds, labels, dims, values }: Embedding): void {
  if (labels.length !== cellIds.length || values.length !== cellIds.length * dims) {
    throw new Error(
      `embedding of ${cellIds.length} cells × ${dims} has ${labels.length} labels and ${values.length} values`,
    );
  }
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) {
      const cell = Math.floor(i / dims);
      throw new Error(
        `embedding: ${values[i]} for cell "${cellIds[cell]}" (row ${cell}) in d${(i % dims) + 1}`,
      );
    }
  }
}

async function readEmbedding(path: string): Promise<Embedding> {
  const file = await openArrowFile(path);
  const { fields } = file.schema;
  const dims = fields.length - 2;
  const names = ['cell_id', 'label', ...Array.from({ length: Math.max(dims, 0) }, (_, d) => `d${d + 1}`)];
  const types = names.map((_, i) => (i < 2 ? 'Utf8' : 'Float32'));
  if (fields.some((field, i) => field.name !== names[i] || String(field.type) !== types[i]) || dims < 0) {
    throw dataError('not an embedding', {
      where: path,
      expected: 'columns cell_id, label (Utf8), d1 … dk (Float32)',
    });
  }
  const cellIds: string[] = [];
  const labels: (string | null)[] = [];
  const batches: { rows: number; columns: Float32Array[] }[] = [];
  for await (const batch of file.batches()) {
    const [ids, label, ...columns] = batch.data.children;
    for (const id of readUtf8(ids)) cellIds.push(id as string);
    for (const name of readUtf8(label)) labels.push(name);
    const rows = batch.numRows;
    batches.push({ rows, columns: columns.map((column) => column.values as Float32Array) });
  }
  const values = new Float32Array(cellIds.length * dims);
  let row = 0;
  for (const { rows, columns } of batches) {
    for (let d = 0; d < dims; d++) {
      for (let i = 0; i < rows; i++) values[(row + i) * dims + d] = columns[d][i];
    }
    row += rows;
  }
  return { cellIds, labels, dims, values };
}
