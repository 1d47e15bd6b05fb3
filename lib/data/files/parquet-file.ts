/** Parquet files, opened for reading. */
import type { Compressors, FileMetaData, parquetRead, SchemaTree } from 'hyparquet';

type ReadOptions = Pick<Parameters<typeof parquetRead>[0], 'columns' | 'onChunk'>;

export interface ParquetFile {
  readonly rows: number;
  readonly metadata: FileMetaData;
  /** Columns of the table; for groups, the columns below them. */
  readonly columns: readonly SchemaTree[];
  /** Decodes columns: `onChunk` is called for each row group, in any order. */
  read(options: ReadOptions): Promise<void>;
  /** Rows [from, to) as objects by column; `to` may be past the last. */
  objects(from: number, to: number): Promise<Record<string, unknown>[]>;
}

/**
 * Opens a file by reading its footer alone. Errors are those of hyparquet, or of the file system.
 *
 * @param compressors decompressors besides those for Snappy and no compression, which hyparquet has
 */
export async function openParquetFile(path: string, compressors?: Compressors): Promise<ParquetFile> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetRead, parquetReadObjects, parquetSchema } =
    await import('hyparquet');
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const rows = Number(metadata.num_rows);
  return {
    rows,
    metadata,
    columns: parquetSchema(metadata).children,
    read: ({ columns, onChunk }) => parquetRead({ file, metadata, columns, onChunk, compressors }),
    objects: (from, to) =>
      parquetReadObjects({ file, metadata, compressors, rowStart: from, rowEnd: Math.min(to, rows) }),
  };
}
