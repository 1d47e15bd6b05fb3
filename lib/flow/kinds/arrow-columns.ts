/** Conversion of columns between memory and Arrow buffers, without builders: buffers are filled directly. */
import type * as Arrow from 'apache-arrow';
import { dataError } from '../../errors.ts';
import type { ArrowModule } from './arrow-file.ts';
import { type AnyColumn, type ColumnKind, type ColumnType, isMissing } from './columns.ts';

export function arrowType(arrow: ArrowModule, type: ColumnType): Arrow.DataType {
  switch (type) {
    case 'utf8':
      return new arrow.Utf8();
    case 'bool':
      return new arrow.Bool();
    case 'int32':
      return new arrow.Int32();
    case 'int64':
      return new arrow.Int64();
    case 'float32':
      return new arrow.Float32();
    case 'float64':
      return new arrow.Float64();
  }
}

/** Validity bitmap, with bits set where a value is present, and the number of missing values. */
function validity(column: AnyColumn): { nullBitmap: Uint8Array; nullCount: number } {
  const nullBitmap = new Uint8Array(Math.ceil(column.length / 64) * 8);
  let nullCount = 0;
  for (let i = 0; i < column.length; i++) {
    if (isMissing(column[i])) nullCount++;
    else nullBitmap[i >> 3] |= 1 << (i & 7);
  }
  return { nullBitmap, nullCount };
}

/** Converts a checked column (`checkColumns`) to Arrow data. Null slots contain zeros, so that the bytes are deterministic. */
export function columnData(arrow: ArrowModule, kind: ColumnKind, column: AnyColumn): Arrow.Data {
  const { length } = column;
  const nulls = kind.nullable ? validity(column) : { nullCount: 0 };
  const props = { length, ...nulls };
  switch (kind.type) {
    case 'utf8':
      return utf8Data(arrow, column as ArrayLike<string | null>, nulls);
    case 'bool': {
      const data = new Uint8Array(Math.ceil(length / 64) * 8);
      for (let i = 0; i < length; i++) if (column[i] === true) data[i >> 3] |= 1 << (i & 7);
      return arrow.makeData({ type: new arrow.Bool(), data, ...props });
    }
    case 'int32':
      return arrow.makeData({ type: new arrow.Int32(), data: numbers(Int32Array, column), ...props });
    case 'int64': {
      const data = new BigInt64Array(length);
      for (let i = 0; i < length; i++) if (!isMissing(column[i])) data[i] = BigInt(column[i] as number);
      return arrow.makeData({ type: new arrow.Int64(), data, ...props });
    }
    case 'float32':
      return arrow.makeData({ type: new arrow.Float32(), data: numbers(Float32Array, column), ...props });
    case 'float64':
      return arrow.makeData({ type: new arrow.Float64(), data: numbers(Float64Array, column), ...props });
  }
}

function numbers<T extends Int32Array | Float32Array | Float64Array>(
  Type: new (length: number) => T,
  column: AnyColumn,
): T {
  const data = new Type(column.length);
  for (let i = 0; i < column.length; i++) if (!isMissing(column[i])) data[i] = column[i] as number;
  return data;
}

const MAX_OFFSET = 0x7fffffff;

/** Converts the strings of one record batch to Arrow data; null counts as missing. Throws beyond 2 GiB in total. */
export function utf8Data(
  arrow: ArrowModule,
  strings: ArrayLike<string | null>,
  nulls: { nullCount: number; nullBitmap?: Uint8Array } = { nullCount: 0 },
): Arrow.Data<Arrow.Utf8> {
  const { length } = strings;
  const valueOffsets = new Int32Array(length + 1);
  let total = 0;
  for (let i = 0; i < length; i++) {
    const text = strings[i];
    if (text !== null) total += Buffer.byteLength(text);
    if (total > MAX_OFFSET) throw new Error(`${length} strings of one block are longer than 2 GiB`);
    valueOffsets[i + 1] = total;
  }
  const data = Buffer.alloc(total);
  for (let i = 0; i < length; i++) data.write(strings[i] ?? '', valueOffsets[i]);
  return arrow.makeData({ type: new arrow.Utf8(), length, valueOffsets, data, ...nulls });
}

/** Makes a list column without nulls. `offsets` has one entry more than there are lists, and starts at 0. */
export function listData(
  arrow: ArrowModule,
  field: Arrow.Field,
  offsets: Int32Array,
  values: Int32Array | Float32Array,
): Arrow.Data {
  const child =
    values instanceof Int32Array
      ? arrow.makeData({ type: new arrow.Int32(), data: values })
      : arrow.makeData({ type: new arrow.Float32(), data: values });
  return arrow.makeData({
    type: field.type as Arrow.List,
    length: offsets.length - 1,
    nullCount: 0,
    valueOffsets: offsets,
    child,
  });
}

/** Returns a predicate on rows that is true where a value is present; undefined if no value is missing. */
function presence(data: Arrow.Data): ((row: number) => boolean) | undefined {
  if (data.nullCount === 0) return undefined;
  const { nullBitmap, offset } = data;
  return (row) => ((nullBitmap[(offset + row) >> 3] >> ((offset + row) & 7)) & 1) === 1;
}

/** Reads the strings of an Arrow column of type Utf8; missing ones are null. */
export function readUtf8(data: Arrow.Data): (string | null)[] {
  const { length, valueOffsets, values } = data as Arrow.Data<Arrow.Utf8>;
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  const present = presence(data);
  const strings = new Array<string | null>(length);
  for (let i = 0; i < length; i++) {
    strings[i] = present?.(i) === false ? null : bytes.toString('utf8', valueOffsets[i], valueOffsets[i + 1]);
  }
  return strings;
}

/** Copies the values of one batch into `target`, a column of the whole table, from row `start` on. */
export function readColumn(
  kind: ColumnKind,
  data: Arrow.Data,
  target: unknown[] | NumberArray,
  start: number,
) {
  const { length } = data;
  const present = presence(data);
  if (kind.type === 'utf8') {
    const strings = readUtf8(data);
    for (let i = 0; i < length; i++) (target as unknown[])[start + i] = strings[i];
  } else if (kind.type === 'bool') {
    const { values, offset } = data as Arrow.Data<Arrow.Bool>;
    for (let i = 0; i < length; i++) {
      const bit = ((values[(offset + i) >> 3] >> ((offset + i) & 7)) & 1) === 1;
      (target as unknown[])[start + i] = present?.(i) === false ? null : bit;
    }
  } else {
    const numbers = target as NumberArray;
    if (kind.type === 'int64') {
      const { values } = data as Arrow.Data<Arrow.Int64>;
      for (let i = 0; i < length; i++) numbers[start + i] = Number(values[i]);
    } else {
      numbers.set((data as Arrow.Data<Arrow.Float64>).values.subarray(0, length), start);
    }
    if (present) for (let i = 0; i < length; i++) if (!present(i)) numbers[start + i] = Number.NaN;
  }
}

export type NumberArray = Int32Array | Float32Array | Float64Array;

/** Allocates a column of `rows` rows, of the class that `ColumnData` declares. */
export function emptyColumn(kind: ColumnKind, rows: number): unknown[] | NumberArray {
  if (kind.type === 'utf8' || kind.type === 'bool') return new Array(rows);
  if (kind.type === 'float32') return new Float32Array(rows);
  if (kind.type === 'int32' && !kind.nullable) return new Int32Array(rows);
  return new Float64Array(rows);
}

/** Checks that a file has the wanted columns, by name and type, and returns their positions. */
export function findFields(
  schema: Arrow.Schema,
  wanted: readonly { name: string; type: string }[],
  path: string,
): number[] {
  return wanted.map(({ name, type }) => {
    const index = schema.fields.findIndex((field) => field.name === name);
    if (index === -1) {
      const has = schema.fields.map((field) => `${field.name}: ${field.type}`).join(', ');
      throw dataError(`no column "${name}" in the file`, {
        where: path,
        expected: `${name}: ${type}`,
        hint: `It has: ${has || 'no columns'}`,
      });
    }
    const found = String(schema.fields[index].type);
    if (found !== type) {
      throw dataError(`column "${name}" is ${found}`, { where: path, expected: type });
    }
    return index;
  });
}
