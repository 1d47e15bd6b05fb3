/** Reader for users' Parquet files from any tool. */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import type { Compressors, SchemaTree } from 'hyparquet';
import { decompressBlock } from '../files/lz4.ts';
import type { NamedRows } from '../files/named-rows.ts';
import { openParquetFile } from '../files/parquet-file.ts';
import { type SourceColumn, toNamedRows } from './columns.ts';

/** Decompressors besides those for Snappy and no compression, which hyparquet has. */
const COMPRESSORS: Compressors = {
  GZIP: (bytes) => gunzipSync(bytes),
  BROTLI: (bytes) => brotliDecompressSync(bytes),
  ZSTD: (bytes) => zstdDecompressSync(bytes),
  LZ4_RAW: (bytes, length) => {
    const target = new Uint8Array(length);
    return target.subarray(0, decompressBlock(bytes, target));
  },
};

export async function readParquetRows(path: string): Promise<NamedRows> {
  const file = await openParquetFile(path, COMPRESSORS);
  const { rows } = file;
  const columns: SourceColumn[] = file.columns.map((node) => ({
    name: node.element.name,
    kind: kindOf(node),
    chunks: [],
  }));
  const read = columns.filter(({ kind }) => kind !== 'other');
  // One column at a time: a file may have a thousand of them, and each takes memory while it is decoded.
  for (const column of rows === 0 ? [] : read) {
    const chunks: { start: number; data: ArrayLike<unknown> }[] = [];
    await file.read({
      columns: [column.name],
      onChunk: ({ columnData, rowStart }) => chunks.push({ start: rowStart, data: columnData }),
    });
    // Row groups are decoded side by side, and end in any order.
    for (const { data } of chunks.sort((a, b) => a.start - b.start)) column.chunks.push(data);
  }
  return toNamedRows(columns, rows, path);
}

const NUMBERS = new Set(['INT32', 'INT64', 'FLOAT', 'DOUBLE']);
/** Logical types that are stored as numbers but mean something else. */
const NOT_NUMBERS = new Set(['DATE', 'DECIMAL', 'TIME', 'TIMESTAMP']);

function kindOf({ element, children }: SchemaTree): SourceColumn['kind'] {
  const { type, converted_type, logical_type } = element;
  if (type === undefined) {
    const list = converted_type === 'LIST' || logical_type?.type === 'LIST';
    const item = children[0]?.children[0];
    return list && item !== undefined && kindOf(item) === 'number' ? 'list' : 'other';
  }
  if (type === 'BYTE_ARRAY') {
    return converted_type === 'UTF8' || logical_type?.type === 'STRING' ? 'text' : 'other';
  }
  if (logical_type?.type === 'FLOAT16') return 'number';
  const meaning = converted_type ?? logical_type?.type ?? '';
  if (!NUMBERS.has(type) || NOT_NUMBERS.has(meaning.split('_')[0])) return 'other';
  return 'number';
}
