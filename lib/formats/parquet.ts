/**
 * Result tables as Parquet files: written and read whole. Plain encoding and Snappy, which every reader knows
 * (parquetjs-lite, for one, reads no dictionaries of the current kind).
 */
import type { SchemaElement } from 'hyparquet';
import { dataError } from '../errors.ts';
import type { Kind } from '../flow/stage.ts';
import { emptyColumn, type NumberArray } from './arrow-columns.ts';
import { type AnyColumn, type ColumnKind, checkColumns, columnKind, isMissing } from './columns.ts';
import type { Columns, ColumnType, ParquetInput, Schema, TableOutput } from './types.ts';

/** `parquet({ measure: 'utf8', median: 'float64?' })`: columns in this order; `?` where values may be missing. */
export function parquet<const S extends Schema>(schema: S): Kind<'parquet', ParquetInput<S>, TableOutput<S>> {
  return {
    name: 'parquet',
    input: (path) => ({ kind: 'parquet', read: () => readParquet(path, schema) }),
    output: (path) => ({ write: (columns) => writeParquet(path, schema, columns) }),
  };
}

/** Rows of a row group. Fixed, since it shows in the bytes; small, since the writer holds a group in memory. */
const ROW_GROUP_ROWS = 16_384;

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
      data: physicalColumn(kind, (columns as unknown as Record<string, AnyColumn>)[name]),
      encoding: 'PLAIN' as const,
    })),
    codec: 'SNAPPY',
    rowGroupSize: ROW_GROUP_ROWS,
    createdBy: 'rankloom',
  });
}

/** The column as hyparquet-writer takes it: null where a value is missing, bigint for INT64. */
function physicalColumn({ type, nullable }: ColumnKind, column: AnyColumn) {
  if (type === 'int64') {
    return Array.from(column, (value) => (isMissing(value) ? null : BigInt(value as number)));
  }
  if (nullable) return Array.from(column, (value) => (isMissing(value) ? null : value));
  return column as unknown[];
}

/** Reads the columns of `schema`; the file may have more. Errors: a column is absent or of another type. */
export async function readParquet<S extends Schema>(path: string, schema: S): Promise<Columns<S>> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetRead } = await import('hyparquet');
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const kinds = new Map<string, ColumnKind>();
  for (const [name, declared] of Object.entries(schema)) {
    const kind = columnKind(declared);
    const element = metadata.schema.slice(1).find((candidate) => candidate.name === name);
    const wanted = PHYSICAL[kind.type];
    if (
      element === undefined ||
      element.type !== wanted.type ||
      element.converted_type !== wanted.converted_type
    ) {
      throw dataError(
        element === undefined
          ? `no column "${name}" in the file`
          : `column "${name}" is ${element.type} (${element.converted_type ?? 'plain'})`,
        { where: path, expected: `${name}: ${declared}` },
      );
    }
    kinds.set(name, kind);
  }
  const rows = Number(metadata.num_rows);
  const columns: Record<string, unknown[] | NumberArray> = {};
  for (const [name, kind] of kinds) columns[name] = emptyColumn(kind, rows);
  if (rows > 0 && kinds.size > 0) {
    await parquetRead({
      file,
      metadata,
      columns: [...kinds.keys()],
      onChunk({ columnName, columnData, rowStart }) {
        const target = columns[columnName] as (unknown | null)[];
        const kind = kinds.get(columnName) as ColumnKind;
        const missing = kind.type === 'utf8' || kind.type === 'bool' ? null : Number.NaN;
        const wide = kind.type === 'int64';
        for (let i = 0; i < columnData.length; i++) {
          const value = columnData[i];
          target[rowStart + i] =
            value === null || value === undefined ? missing : wide ? Number(value) : value;
        }
      },
    });
  }
  return columns as Columns<S>;
}
