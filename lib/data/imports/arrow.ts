/** Reader for users' Arrow files (Feather V2) from any tool: any string type, dictionaries, LZ4 and Zstandard. */
import { zstdDecompressSync } from 'node:zlib';
import type * as Arrow from 'apache-arrow';
import { type ArrowModule, loadArrow, openArrowFile } from '../../flow/kinds/arrow-file.ts';
import { decompressFrame } from '../files/lz4.ts';
import type { NamedRows } from '../files/named-rows.ts';
import { type SourceColumn, toNamedRows } from './columns.ts';

export async function readArrowRows(path: string): Promise<NamedRows> {
  const arrow = await loadArrow();
  registerCodecs(arrow);
  const file = await openArrowFile(path);
  const columns: SourceColumn[] = file.schema.fields.map((field) => ({
    name: field.name,
    kind: kindOf(arrow, field.type),
    chunks: [],
  }));
  let rows = 0;
  for await (const batch of file.batches()) {
    rows += batch.numRows;
    for (const [c, column] of columns.entries()) {
      if (column.kind !== 'other') column.chunks.push(toChunk(arrow, batch.getChildAt(c) as Arrow.Vector));
    }
  }
  return toNamedRows(columns, rows, path);
}

/** Registers codecs: apache-arrow reads the compressed format, but leaves decompression to its caller. */
function registerCodecs(arrow: ArrowModule): void {
  const { compressionRegistry, CompressionType } = arrow;
  compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: decompressFrame });
  compressionRegistry.set(CompressionType.ZSTD, { decode: (data) => zstdDecompressSync(data) });
}

function kindOf(arrow: ArrowModule, type: Arrow.DataType): SourceColumn['kind'] {
  const { DataType } = arrow;
  if (DataType.isDictionary(type)) {
    const kind = kindOf(arrow, type.dictionary as Arrow.DataType);
    return kind === 'list' ? 'other' : kind;
  }
  if (isText(DataType, type)) return 'text';
  if (DataType.isInt(type) || DataType.isFloat(type)) return 'number';
  if (DataType.isList(type) || DataType.isLargeList(type) || DataType.isFixedSizeList(type)) {
    const item = (type as Arrow.List).children[0].type;
    return DataType.isInt(item) || DataType.isFloat(item) ? 'list' : 'other';
  }
  return 'other';
}

const isText = (types: typeof Arrow.DataType, type: Arrow.DataType) =>
  types.isUtf8(type) || types.isLargeUtf8(type) || types.isUtf8View(type);

/** Values of a column of one batch; typed arrays where there are no nulls, which is much faster. */
function toChunk(arrow: ArrowModule, vector: Arrow.Vector): ArrayLike<unknown> {
  const { type, length } = vector;
  const [data] = vector.data;
  if (vector.nullCount === 0 && arrow.DataType.isFloat(type) && !isHalf(arrow, type)) {
    return (data.values as Float32Array).subarray(0, length);
  }
  const values: unknown[] = new Array(length);
  for (let i = 0; i < length; i++) {
    const value = vector.get(i) as unknown;
    values[i] = value instanceof arrow.Vector ? listValues(arrow, value) : value;
  }
  return values;
}

/** Values of a list: a typed array without nulls, else an array with null where a value is missing. */
function listValues(arrow: ArrowModule, list: Arrow.Vector): ArrayLike<unknown> {
  const isStored = list.nullCount === 0 && !isHalf(arrow, list.type);
  return isStored ? (list.toArray() as ArrayLike<unknown>) : Array.from(list);
}

/** Half floats lie in memory as 16-bit integers, so that each must be decoded. */
const isHalf = ({ DataType, Precision }: ArrowModule, type: Arrow.DataType) =>
  DataType.isFloat(type) && type.precision === Precision.HALF;
