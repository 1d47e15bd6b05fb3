/**
 * Rows of unequal length as an Arrow file: `cell_id` and one or more list columns with the same offsets
 * (a sparse matrix has two, token lists one). Written and read block by block: memory stays bounded, and the
 * blocks of the file depend on the rows alone, not on how the caller cut them.
 */
import type * as Arrow from 'apache-arrow';
import { dataError } from '../../errors.ts';
import { listData, readUtf8, utf8Data } from '../../flow/kinds/arrow-columns.ts';
import { createArrowFile, loadArrow, openArrowFile } from '../../flow/kinds/arrow-file.ts';
import { cellsHasher } from './cells-hash.ts';

/** Limits of a block, which ends before it would pass either; a single longer row is a block of its own. */
export const BLOCK_ROWS = 4096;
export const BLOCK_ENTRIES = 2 ** 21;

type Values = Int32Array | Float32Array;

/** List column of a kind: name and type of its values. */
export interface ListColumn {
  readonly name: string;
  readonly type: 'Int32' | 'Float32';
}

export interface RaggedWriter {
  /** Appends rows. Row i's entries are offsets[i] … offsets[i + 1] − 1 of each array of `values` (one per list column). */
  append(cellIds: readonly string[], offsets: ArrayLike<number>, values: readonly Values[]): Promise<void>;
  /** Ends the file; `rows`, `entries` (named `total`) and `cells` (the hash of the ids) join the metadata. */
  close(): Promise<void>;
}

export async function createRagged(
  path: string,
  lists: readonly ListColumn[],
  options: { metadata: Readonly<Record<string, string>>; total: string },
): Promise<RaggedWriter> {
  const arrow = await loadArrow();
  const fields = [
    new arrow.Field('cell_id', new arrow.Utf8(), false),
    ...lists.map(({ name, type }) => {
      const item = new arrow.Field('item', new arrow[type](), false);
      return new arrow.Field(name, new arrow.List(item), false);
    }),
  ];
  const file = await createArrowFile(path, fields, options.metadata);

  let rows = 0;
  let total = 0;
  const cells = cellsHasher();
  // Block being filled. The arrays grow as needed and are reused for the next block.
  let ids: string[] = [];
  const offsets = new Int32Array(BLOCK_ROWS + 1);
  const held: Values[] = lists.map(({ type }) =>
    type === 'Int32' ? new Int32Array(0) : new Float32Array(0),
  );

  const flush = async () => {
    const entries = offsets[ids.length];
    await file.write(ids.length, [
      utf8Data(arrow, ids),
      ...held.map((values, c) =>
        listData(arrow, fields[c + 1], offsets.subarray(0, ids.length + 1), values.subarray(0, entries)),
      ),
    ]);
    rows += ids.length;
    total += entries;
    ids = [];
  };

  return {
    async append(cellIds, at, values) {
      cells.add(cellIds);
      let row = 0;
      while (row < cellIds.length) {
        // The longest run of rows that still fits.
        const filled = offsets[ids.length];
        let end = row;
        while (
          end < cellIds.length &&
          ids.length + (end - row) < BLOCK_ROWS &&
          (filled + at[end + 1] - at[row] <= BLOCK_ENTRIES || ids.length + (end - row) === 0)
        ) {
          end++;
        }
        if (end > row) {
          const entries = filled + at[end] - at[row];
          for (const [c, source] of values.entries()) {
            held[c] = grown(held[c], filled, entries);
            held[c].set(source.subarray(at[row], at[end]), filled);
          }
          for (let i = row; i < end; i++) {
            ids.push(cellIds[i]);
            offsets[ids.length] = filled + at[i + 1] - at[row];
          }
          row = end;
        }
        if (row < cellIds.length) await flush();
      }
    },
    async close() {
      if (ids.length > 0) await flush();
      await file.close({ rows: String(rows), [options.total]: String(total), cells: cells.end() });
    },
  };
}

/** Array with room for `needed` values, the first `used` of them kept. */
function grown(values: Values, used: number, needed: number): Values {
  if (values.length >= needed) return values;
  const length = Math.max(needed, Math.min(2 * values.length, BLOCK_ENTRIES));
  const larger = values instanceof Int32Array ? new Int32Array(length) : new Float32Array(length);
  larger.set(values.subarray(0, used));
  return larger;
}

/** Rows of one record batch. The arrays of `values` are views of the batch. */
export interface RaggedBlock {
  readonly cellIds: string[];
  readonly offsets: Uint32Array;
  readonly values: readonly Values[];
}

export interface RaggedReader {
  readonly metadata: ReadonlyMap<string, string>;
  blocks(): AsyncIterable<RaggedBlock>;
}

/** Opens a file of `createRagged`. `kind` names what it should be, for errors. */
export async function openRagged(
  path: string,
  lists: readonly ListColumn[],
  kind: string,
): Promise<RaggedReader> {
  const file = await openArrowFile(path);
  const found = file.schema.fields.map((field) => `${field.name}: ${field.type}`).join(', ');
  const wanted = ['cell_id: Utf8', ...lists.map(({ name, type }) => `${name}: List<${type}>`)].join(', ');
  if (found !== wanted || file.metadata.get('kind') !== kind) {
    throw dataError(`not a file of kind ${kind}: it has ${found || 'no columns'}`, {
      where: path,
      expected: `columns ${wanted}, written by rankloom`,
    });
  }
  return {
    metadata: file.metadata,
    async *blocks() {
      for await (const batch of file.batches()) yield toBlock(batch);
    },
  };
}

function toBlock(batch: Arrow.RecordBatch): RaggedBlock {
  const [ids, ...lists] = batch.data.children;
  const first = (lists[0] as Arrow.Data<Arrow.List>).valueOffsets;
  const offsets = new Uint32Array(first.buffer, first.byteOffset, batch.numRows + 1);
  // Buffers are padded to multiples of 8 bytes, hence cut to the entries there are.
  const entries = offsets[batch.numRows];
  return {
    cellIds: readUtf8(ids) as string[],
    offsets,
    values: lists.map((list) => (list.children[0].values as Values).subarray(0, entries)),
  };
}

/** Encodes notes as one metadata entry: JSON with its keys in order of code units. */
export function encodeNotes(notes: Readonly<Record<string, string>> = {}): string {
  return JSON.stringify(Object.fromEntries(Object.entries(notes).sort(([a], [b]) => (a < b ? -1 : 1))));
}

export function decodeNotes(metadata: ReadonlyMap<string, string>): Record<string, string> {
  return JSON.parse(metadata.get('notes') ?? '{}') as Record<string, string>;
}
