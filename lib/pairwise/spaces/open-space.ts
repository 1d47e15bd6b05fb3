/** Opening of artifacts as spaces. */
import type { Csr } from '../../cells/csr.ts';
import type { Embedding, EmbeddingInput } from '../../data/kinds/types.ts';
import { dataError } from '../../errors.ts';
import { METRICS, type Metric, metricOf } from './metric.ts';
import { inMemory, type RowsInput, type RowsReader } from './row-source.ts';
import type { Space } from './space.ts';

/**
 * Opens all rows of an artifact as a space.
 *
 * @param order the rows of the space, as row numbers of the artifact; all rows in their order if absent
 */
export async function openSpace(
  input: RowsInput | EmbeddingInput,
  metric: Metric,
  order?: Int32Array,
): Promise<Space> {
  if (input.kind === 'embedding') {
    const embedding = await input.read();
    checkRows(embedding.cellIds.length, order);
    return spaceOfEmbedding(embedding, metric, order ?? rowNumbers(embedding.cellIds.length));
  }
  const reader = await input.open();
  try {
    checkRows(reader.rows, order);
    if (isDense(reader)) return await spaceOfDense(reader, metric, order ?? rowNumbers(reader.rows));
    return await spaceOfReader(reader, metric, order ?? rowNumbers(reader.rows));
  } finally {
    await reader.close();
  }
}

/** Opens some rows of an artifact as a space, in the order of `rows`. */
export async function openSample(
  input: RowsInput | EmbeddingInput,
  metric: Metric,
  rows: Int32Array,
): Promise<Space> {
  if (input.kind === 'embedding') return spaceOfEmbedding(await input.read(), metric, rows);
  const reader = await input.open();
  try {
    if (isDense(reader)) return await spaceOfDense(reader, metric, rows);
    return await spaceOfReader(reader, metric, rows);
  } finally {
    await reader.close();
  }
}

function spaceOfEmbedding(embedding: Embedding, metric: Metric, order: Int32Array): Promise<Space> {
  const definition = metricOf(metric);
  if (definition.needs === 'numbers') return definition.openDense(embedding, order);
  throw new Error(`Internal error: ${metric} of an embedding`);
}

function spaceOfReader(reader: RowsReader, metric: Metric, order: Int32Array): Promise<Space> {
  return metricOf(metric).openRows(reader, reader.metadata.genesUsed, order);
}

/** Opens a matrix in memory, of sparse rows, as a space. */
export function spaceOfMatrix(matrix: Csr, metric: Metric, genes: number, order: Int32Array): Promise<Space> {
  return metricOf(metric).openRows(inMemory(matrix), genes, order);
}

/** Whether the columns are dimensions rather than genes. */
const isDense = ({ metadata }: RowsReader) => metadata.layout === 'dense';

async function spaceOfDense(reader: RowsReader, metric: Metric, order: Int32Array): Promise<Space> {
  const definition = metricOf(metric);
  if (definition.needs === 'detected genes') {
    throw dataError(`${metric} compares which genes are detected, and the encoding has no genes`, {
      expected: `a metric of coordinates: ${METRICS.slice(0, -1).join(', ')} or ${METRICS.at(-1)}`,
    });
  }
  const dims = reader.columns;
  const dense = new Float32Array(reader.rows * dims);
  const cellIds: string[] = [];
  for await (const { start, rows, indptr, indices, values, cellIds: own } of reader.blocks()) {
    for (let row = 0; row < rows; row++) {
      const at = (start + row) * dims;
      for (let e = indptr[row]; e < indptr[row + 1]; e++) dense[at + indices[e]] = values[e];
    }
    for (const id of own) cellIds.push(id);
  }
  const labels = cellIds.map(() => null);
  return definition.openDense({ cellIds, labels, dims, values: dense }, order);
}

/** Returns the size of the rows of an artifact, genes that take part or dimensions, without reading all rows of a matrix. */
export async function spaceSize(input: RowsInput | EmbeddingInput): Promise<Space['size']> {
  if (input.kind === 'embedding') return { dims: (await input.read()).dims };
  const reader = await input.open();
  await reader.close();
  if (isDense(reader)) return { dims: reader.columns };
  return { genes: reader.metadata.genesUsed };
}

function checkRows(rows: number, order: Int32Array | undefined): void {
  if (order === undefined || order.length === rows) return;
  throw new Error(`Internal error: ${rows} rows to compare, but ${order.length} cells are in the sample`);
}

/** Returns 0 … n − 1. */
export function rowNumbers(n: number): Int32Array {
  const numbers = new Int32Array(n);
  for (let i = 0; i < n; i++) numbers[i] = i;
  return numbers;
}
