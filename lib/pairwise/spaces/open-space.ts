/** Opens an artifact as a space. */
import type { Csr } from '../../cells/csr.ts';
import type { EmbeddingInput } from '../../data/kinds/types.ts';
import { dataError } from '../../errors.ts';
import { denseSpace } from './dense-space.ts';
import { intersectionSpace } from './intersection-space.ts';
import { isDetectionMetric, type Metric } from './metric.ts';
import { ochiaiSpace } from './ochiai-space.ts';
import { type RowsInput, type RowsReader, readRows } from './row-source.ts';
import type { Space } from './space.ts';
import { sparseSpace, streamedSpace } from './sparse-space.ts';
import { unionSpace } from './union-space.ts';

/**
 * @param order the rows of the space, as row numbers of the artifact; all rows in their order if absent
 */
export async function openSpace(
  input: RowsInput | EmbeddingInput,
  metric: Metric,
  order?: Int32Array,
): Promise<Space> {
  if (input.kind === 'embedding') {
    if (isDetectionMetric(metric)) throw new Error(`Internal error: ${metric} of an embedding`);
    const embedding = await input.read();
    checkRows(embedding.cellIds.length, order);
    return denseSpace(embedding, metric, order ?? rowNumbers(embedding.cellIds.length));
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

/** Some rows of an artifact, in this order. */
export async function openSample(
  input: RowsInput | EmbeddingInput,
  metric: Metric,
  rows: Int32Array,
): Promise<Space> {
  if (input.kind === 'embedding') return denseSpace(await input.read(), metric, rows);
  const reader = await input.open();
  try {
    if (isDense(reader)) return await spaceOfDense(reader, metric, rows);
    return await spaceOfReader(reader, metric, rows);
  } finally {
    await reader.close();
  }
}

/** By blocks, but for metrics of detected genes, whose kernels take rows that are in memory. */
async function spaceOfReader(reader: RowsReader, metric: Metric, order: Int32Array): Promise<Space> {
  const genes = reader.metadata.genesUsed;
  if (!isDetectionMetric(metric)) return streamedSpace(reader, metric, genes, order);
  return spaceOfMatrix(await readRows(reader), metric, genes, order);
}

/** As `sparseSpace`, for every metric. */
export async function spaceOfMatrix(
  matrix: Csr,
  metric: Metric,
  genes: number,
  order: Int32Array,
): Promise<Space> {
  switch (metric) {
    case 'ochiai':
      return ochiaiSpace(matrix, genes, order);
    case 'spearman-union':
      return unionSpace(matrix, genes, order);
    case 'spearman-intersection':
      return intersectionSpace(matrix, genes, order);
    default:
      return sparseSpace(matrix, metric, genes, order);
  }
}

/** Columns that are dimensions and not genes. */
const isDense = ({ metadata }: RowsReader) => metadata.layout === 'dense';

async function spaceOfDense(reader: RowsReader, metric: Metric, order: Int32Array): Promise<Space> {
  if (isDetectionMetric(metric)) {
    throw dataError(`${metric} compares which genes are detected, and the encoding has no genes`, {
      expected: 'a metric of coordinates: spearman, pearson, cosine or euclidean',
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
  return denseSpace({ cellIds, labels: cellIds.map(() => null), dims, values: dense }, metric, order);
}

/** What the rows of an artifact are, without reading them all: genes that take part, or dimensions. */
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

/** 0 … n − 1. */
export function rowNumbers(n: number): Int32Array {
  const numbers = new Int32Array(n);
  for (let i = 0; i < n; i++) numbers[i] = i;
  return numbers;
}
