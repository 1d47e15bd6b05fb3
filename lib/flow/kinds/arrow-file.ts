/**
 * Arrow IPC files (also known as Feather V2), written and read as streams of record batches, so that a file
 * may be larger than memory. Everything is little-endian, uncompressed and without dictionaries.
 *
 * The layout follows the specification: magic, schema message, record batches, end-of-stream mark, footer, magic.
 * apache-arrow omits the schema message, which stream readers need; this writer adds it. The footer repeats the schema, and
 * its metadata is written last, so it may have values known only at the end, such as the number of entries. File readers
 * (pyarrow, polars, R, and this one) take the schema from the footer.
 */
import { type FileHandle, open } from 'node:fs/promises';
import type * as Arrow from 'apache-arrow';
import { dataError } from '../../errors.ts';

export type ArrowModule = typeof Arrow;
/** Loads apache-arrow on first use: the main thread imports every stage and should not pay for it. */
export const loadArrow = (): Promise<ArrowModule> => import('apache-arrow');

/** Rows per record batch of a table. Fixed, because it affects the bytes of the file. */
export const TABLE_BATCH_ROWS = 65_536;

export interface ArrowFileWriter {
  /** Writes a record batch: one column per field, each with `length` rows. */
  write(length: number, columns: Arrow.Data[]): Promise<void>;
  /** Ends the file. `metadata` joins the schema's metadata in the footer. */
  close(metadata?: Readonly<Record<string, string>>): Promise<void>;
}

export async function createArrowFile(
  path: string,
  fields: Arrow.Field[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<ArrowFileWriter> {
  const arrow = await loadArrow();
  let pending: Uint8Array[] = [];

  class Writer extends arrow.RecordBatchFileWriter {
    // The base class queues chunks without bound; here they wait for the next flush.
    protected override _write(chunk: ArrayBufferView): this {
      if (chunk.byteLength > 0) {
        pending.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
        this._position += chunk.byteLength;
      }
      return this;
    }

    protected override _writeSchema(schema: Arrow.Schema): this {
      super._writeSchema(schema);
      return this._writeMessage(arrow.Message.from(schema));
    }
  }

  const schema = new arrow.Schema(fields, new Map(Object.entries(metadata)));
  const type = new arrow.Struct(schema.fields);
  const writer = new Writer();
  let flags = 'w';
  // Reopened for each block of some megabytes, so that an abandoned writer leaves no open file behind.
  const flush = async () => {
    const chunks = pending;
    pending = [];
    const handle = await open(path, flags);
    try {
      await writeAll(handle, chunks);
    } finally {
      await handle.close();
    }
    flags = 'a';
  };
  writer.reset(undefined, schema);
  await flush();

  return {
    async write(length, columns) {
      const data = arrow.makeData({ type, length, nullCount: 0, children: columns });
      writer.write(new arrow.RecordBatch(schema, data));
      await flush();
    },
    async close(last = {}) {
      for (const [key, value] of Object.entries(last)) schema.metadata.set(key, value);
      writer.finish();
      await flush();
    },
  };
}

/** Writes chunks in order. Joins the many small ones (headers, padding) before writing them. */
async function writeAll(handle: FileHandle, chunks: readonly Uint8Array[]): Promise<void> {
  let small: Uint8Array[] = [];
  const put = async (chunk: Uint8Array) => {
    let done = 0;
    // A single write stops at 2 GiB, and may stop earlier.
    while (done < chunk.byteLength) done += (await handle.write(chunk, done)).bytesWritten;
  };
  for (const chunk of chunks) {
    if (chunk.byteLength < 65_536) {
      small.push(chunk);
      continue;
    }
    await put(Buffer.concat(small));
    small = [];
    await put(chunk);
  }
  await put(Buffer.concat(small));
}

export interface ArrowFileReader {
  readonly schema: Arrow.Schema;
  readonly metadata: ReadonlyMap<string, string>;
  /** Iterates over the record batches in order, one in memory at a time. Several iterations may run, also concurrently. */
  batches(): AsyncIterable<Arrow.RecordBatch>;
}

/**
 * Opens an Arrow file: reads its schema now and its batches on demand. The file stays open only during an iteration. Throws
 * a data error for a file that is not an Arrow file or is truncated.
 */
export async function openArrowFile(path: string): Promise<ArrowFileReader> {
  const arrow = await loadArrow();
  const handle = await open(path, 'r');
  try {
    await checkArrowFile(handle, path);
    const { schema } = await readerOf(arrow, handle, path);
    return {
      schema,
      metadata: schema.metadata,
      async *batches() {
        const handle = await open(path, 'r');
        try {
          // apache-arrow returns one empty placeholder for a file without batches.
          for await (const batch of await readerOf(arrow, handle, path)) if (batch.numRows > 0) yield batch;
        } finally {
          await handle.close();
        }
      },
    };
  } finally {
    await handle.close();
  }
}

/** Creates apache-arrow's reader, which reads one batch after the other from the file. */
async function readerOf(arrow: ArrowModule, handle: FileHandle, path: string) {
  const source = {
    fd: handle.fd,
    stat: () => handle.stat(),
    // A read past the end throws; apache-arrow's own loop would never end.
    async read(buffer: Uint8Array, offset: number, length: number, position: number) {
      let bytesRead = 0;
      while (bytesRead < length) {
        const got = await handle.read(buffer, offset + bytesRead, length - bytesRead, position + bytesRead);
        if (got.bytesRead === 0) throw dataError('the Arrow file is truncated', { where: path });
        bytesRead += got.bytesRead;
      }
      return { bytesRead, buffer };
    },
    // The caller opened the file and closes it.
    async close() {},
  };
  const reader = await arrow.RecordBatchReader.from(source as unknown as FileHandle);
  return (await reader.open()) as Arrow.AsyncRecordBatchFileReader;
}

const MAGIC = 'ARROW1';

async function checkArrowFile(handle: FileHandle, path: string): Promise<void> {
  const refuse = (message: string) =>
    dataError(message, {
      where: path,
      expected: 'an Arrow IPC file (Feather V2), as pyarrow, polars or R write',
    });
  const { size } = await handle.stat();
  const bytes = Buffer.alloc(18);
  await handle.read(bytes, 0, 8, 0);
  const start = bytes.toString('latin1', 0, 6);
  if (start.startsWith('FEA1')) {
    throw dataError('the file is in the old Feather V1 format', {
      where: path,
      hint: 'Write it again with a current pandas or pyarrow: that makes Feather V2.',
    });
  }
  if (start !== MAGIC) {
    if (bytes.readInt32LE(0) === -1) {
      throw refuse('the file is an Arrow stream, not an Arrow file');
    }
    throw refuse('not an Arrow file: it does not begin with ARROW1');
  }
  if (size < 18) throw refuse(`the Arrow file is truncated: ${size} bytes`);
  await handle.read(bytes, 8, 10, size - 10);
  const footer = bytes.readInt32LE(8);
  if (bytes.toString('latin1', 12, 18) !== MAGIC || footer <= 0 || footer > size - 18) {
    throw refuse('the Arrow file is truncated: its footer is missing');
  }
}
