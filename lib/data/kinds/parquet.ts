/**
 * Result tables as Parquet files: written and read whole. Plain encoding and Snappy, which every reader knows
 * (parquetjs-lite, for one, reads no dictionaries of the current kind).
 */
import { open } from 'node:fs/promises';
import type { SchemaElement } from 'hyparquet';
import { dataError } from '../../errors.ts';
import { emptyColumn, type NumberArray } from '../../flow/kinds/arrow-columns.ts';
import {
  type AnyColumn,
  type ColumnKind,
  checkColumns,
  columnKind,
  isMissing,
  missingValues,
} from '../../flow/kinds/columns.ts';
import type { Kind } from '../../flow/stage.ts';
import { openParquetFile } from '../files/parquet-file.ts';
import type { Columns, ColumnType, ParquetInput, Schema, TableOutput } from './types.ts';

/**
 * Kind of Parquet tables: `parquet({ measure: 'utf8', median: 'float64?' })` has columns in this order; `?` where values
 * may be missing.
 */
export function parquet<const S extends Schema>(schema: S): Kind<'parquet', ParquetInput<S>, TableOutput<S>> {
  return {
    name: 'parquet',
    input: (path) => ({ kind: 'parquet', read: () => readParquet(path, schema) }),
    output: (path) => ({ write: (columns) => writeParquet(path, schema, columns) }),
  };
}

/** Number of rows of a row group. Fixed, since it shows in the bytes; small, since the writer holds a group in memory. */
const ROW_GROUP_ROWS = 16_384;

/** Number of texts of a row group that later ones are compared with: names of types are few, ids are all different. */
const MOST_KNOWN = 4096;

const PHYSICAL: Record<ColumnType, Pick<SchemaElement, 'type' | 'converted_type' | 'logical_type'>> = {
  utf8: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  bool: { type: 'BOOLEAN' },
  int32: { type: 'INT32' },
  int64: { type: 'INT64' },
  float32: { type: 'FLOAT' },
  float64: { type: 'DOUBLE' },
};

export async function writeParquet<S extends Schema>(
  path: string,
  schema: S,
  columns: Columns<S>,
): Promise<void> {
  checkColumns(schema, columns);
  const { parquetWriteFile } = await import('hyparquet-writer');
  const kinds = Object.entries(schema).map(([name, declared]) => ({ name, kind: columnKind(declared) }));
  parquetWriteFile({
    filename: path,
    schema: [
      { name: 'schema', num_children: kinds.length },
      ...kinds.map(
        ({ name, kind }): SchemaElement => ({
          name,
          ...PHYSICAL[kind.type],
          repetition_type: kind.nullable ? 'OPTIONAL' : 'REQUIRED',
        }),
      ),
    ],
    columnData: kinds.map(({ name, kind }) => ({
      name,
      data: physicalColumn(kind, (columns as Record<string, AnyColumn>)[name]),
      encoding: 'PLAIN' as const,
    })),
    codec: 'SNAPPY',
    rowGroupSize: ROW_GROUP_ROWS,
    createdBy: 'rankloom',
  });
  await declareVersion1(path);
}

/** Column as hyparquet-writer takes it: null where a value is missing, bigint for INT64. */
function physicalColumn({ type, nullable }: ColumnKind, column: AnyColumn): unknown[] {
  if (type === 'int64') {
    return converted(column, (value) => (isMissing(value) ? null : BigInt(value as number)));
  }
  if (nullable) return converted(column, (value) => (isMissing(value) ? null : value));
  return column as unknown[];
}

/**
 * Column whose values are converted on access. The writer takes a slice for each row group, so that of millions of rows
 * no more than one group is in memory as objects.
 */
function converted(column: AnyColumn, convert: (value: unknown) => unknown): unknown[] {
  const { length } = column;
  const slice = (from: number, to: number) =>
    Array.from({ length: Math.min(to, length) - from }, (_, i) => convert(column[from + i]));
  return { length, slice } as unknown as unknown[];
}

/**
 * Sets the format version to 1. hyparquet-writer declares version 2, which parquetjs-lite refuses unread, while nothing
 * in these files needs it. The version is the first field of the footer, a zigzag number.
 */
async function declareVersion1(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    const { size } = await handle.stat();
    const bytes = Buffer.alloc(4);
    await handle.read(bytes, 0, 4, size - 8);
    const footer = size - 8 - bytes.readUInt32LE(0);
    await handle.read(bytes, 0, 2, footer);
    if (bytes[0] !== 0x15 || bytes[1] !== 0x04) throw new Error('the Parquet footer begins in another way');
    await handle.write(Uint8Array.of(0x02), 0, 1, footer + 1);
  } finally {
    await handle.close();
  }
}

/** Reads the columns of `schema`; the file may have more. Throws a data error if a column is absent or of another type. */
async function readParquet<S extends Schema>(path: string, schema: S): Promise<Columns<S>> {
  const file = await openParquetFile(path).catch((cause) => {
    // Errors of the system are clear by themselves.
    if (cause?.code !== undefined) throw cause;
    throw dataError('the Parquet file cannot be read', { where: path, hint: String(cause?.message), cause });
  });
  const kinds = new Map(Object.entries(schema).map(([name, declared]) => [name, columnKind(declared)]));
  for (const [name, { type }] of kinds) checkElement(file.metadata.schema, name, type, path);

  const { rows } = file;
  const columns: Record<string, unknown[] | NumberArray> = {};
  for (const [name, kind] of kinds) columns[name] = emptyColumn(kind, rows);
  // Missing values are counted, not thrown at once: hyparquet calls back where nothing would catch an error.
  const missing = new Map<string, number>();
  if (rows > 0 && kinds.size > 0) {
    await file.read({
      columns: [...kinds.keys()],
      onChunk({ columnName, columnData, rowStart }) {
        const target = columns[columnName] as unknown[];
        const { type } = kinds.get(columnName) as ColumnKind;
        const known = new Map<string, string>();
        const absent = type === 'utf8' || type === 'bool' ? null : Number.NaN;
        for (let i = 0; i < columnData.length; i++) {
          const value = columnData[i];
          if (value === null || value === undefined) {
            target[rowStart + i] = absent;
            missing.set(columnName, (missing.get(columnName) ?? 0) + 1);
          } else {
            target[rowStart + i] =
              type === 'int64' ? Number(value) : type === 'utf8' ? once(known, value) : value;
          }
        }
      },
    });
  }
  for (const [name, { nullable }] of kinds) {
    const count = missing.get(name);
    if (!nullable && count !== undefined) throw missingValues(name, count, path);
  }
  return columns as Columns<S>;
}

/** Deduplicates texts, so that equal ones are in memory once: those of a row group, up to a number. */
function once(known: Map<string, string>, text: string): string {
  const before = known.get(text);
  if (before !== undefined) return before;
  if (known.size < MOST_KNOWN) known.set(text, text);
  return text;
}

function checkElement(
  elements: readonly SchemaElement[],
  name: string,
  type: ColumnType,
  path: string,
): void {
  const [, ...leaves] = elements;
  const element = leaves.find((leaf) => leaf.name === name);
  if (element === undefined) {
    throw dataError(`no column "${name}" in the file`, {
      where: path,
      expected: `${name}: ${type}`,
      hint: `It has: ${leaves.map((leaf) => leaf.name).join(', ') || 'no columns'}`,
    });
  }
  const wanted = PHYSICAL[type];
  if (element.type !== wanted.type || element.converted_type !== wanted.converted_type) {
    throw dataError(`column "${name}" is ${element.converted_type ?? element.type}`, {
      where: path,
      expected: wanted.converted_type ?? wanted.type,
    });
  }
}
