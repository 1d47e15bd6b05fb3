/**
 * Token lists as a folder that `datasets.load_from_disk` of Hugging Face opens, with the columns that Geneformer's
 * tokenizer writes: `input_ids: list<int64>`, `length: int64`, and columns of the cells.
 *
 * The layout is that of `Dataset.save_to_disk`: an Arrow stream in batches of 1,000 rows, whose schema repeats the
 * features (huggingface/datasets src/datasets/arrow_writer.py); dataset_info.json with the features; state.json with the
 * files. Lists are declared as `Sequence`, which old and new versions know.
 */
import { createHash } from 'node:crypto';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as Arrow from 'apache-arrow';
import { utf8Data } from '../../flow/kinds/arrow-columns.ts';
import { loadArrow } from '../../flow/kinds/arrow-file.ts';
import { files } from '../../flow/kinds/files.ts';
import type { Kind } from '../../flow/stage.ts';
import type { FilesInput } from './types.ts';

export interface HfDatasetOutput {
  /** Creates a writer. `columns`: names and types of the columns of the cells, in this order. */
  create(columns: Readonly<Record<string, HfColumnType>>): Promise<HfDatasetWriter>;
}

export type HfColumnType = 'string' | 'int64' | 'float64';

export interface HfDatasetWriter {
  /** Appends a row for each list that is not empty: models cannot read an empty one. */
  append(
    lists: readonly Int32Array[],
    columns: Readonly<Record<string, ArrayLike<string | number | null>>>,
  ): Promise<void>;
  close(): Promise<void>;
}

export function hfDataset(): Kind<'files', FilesInput, HfDatasetOutput> & { folder: true } {
  return {
    name: 'files',
    folder: true,
    input: files().input,
    output: (path) => ({ create: (columns) => createHfDataset(path, columns) }),
  };
}

const BATCH_ROWS = 1000;
const DATA = 'data-00000-of-00001.arrow';

async function createHfDataset(
  folder: string,
  columns: Readonly<Record<string, HfColumnType>>,
): Promise<HfDatasetWriter> {
  const arrow = await loadArrow();
  const features = featuresOf(columns);
  const fields = [
    new arrow.Field('input_ids', new arrow.List(new arrow.Field('item', new arrow.Int64(), true)), true),
    new arrow.Field('length', new arrow.Int64(), true),
    ...Object.entries(columns).map(([name, type]) => new arrow.Field(name, arrowType(arrow, type), true)),
  ];
  const metadata = new Map([['huggingface', JSON.stringify({ info: { features } })]]);
  const schema = new arrow.Schema(fields, metadata);
  const path = join(folder, DATA);
  const hash = createHash('sha256');

  let pending: Uint8Array[] = [];
  class Writer extends arrow.RecordBatchStreamWriter {
    // Overrides the base class, which queues chunks without bound; here they wait for the next flush.
    protected override _write(chunk: ArrayBufferView): this {
      if (chunk.byteLength > 0) {
        pending.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
        this._position += chunk.byteLength;
      }
      return this;
    }
  }
  const writer = new Writer();
  const flush = async () => {
    const bytes = Buffer.concat(pending);
    pending = [];
    hash.update(bytes);
    await appendFile(path, bytes);
  };
  writer.reset(undefined, schema);
  await flush();

  let lists: Int32Array[] = [];
  let cells: Record<string, (string | number | null)[]> = {};
  const empty = () => {
    lists = [];
    cells = Object.fromEntries(Object.keys(columns).map((name) => [name, []]));
  };
  empty();
  const writeBatch = async () => {
    const data = arrow.makeData({
      type: new arrow.Struct(schema.fields),
      length: lists.length,
      nullCount: 0,
      children: [
        listsOf(arrow, fields[0], lists),
        arrow.makeData({ type: new arrow.Int64(), data: int64(lists.map((list) => list.length)) }),
        ...Object.entries(columns).map(([name, type]) => columnOf(arrow, type, cells[name])),
      ],
    });
    writer.write(new arrow.RecordBatch(schema, data));
    empty();
    await flush();
  };

  return {
    async append(more, values) {
      for (const [i, list] of more.entries()) {
        if (list.length === 0) continue;
        lists.push(list.slice());
        for (const name of Object.keys(columns)) cells[name].push(values[name][i]);
        if (lists.length === BATCH_ROWS) await writeBatch();
      }
    },
    async close() {
      if (lists.length > 0) await writeBatch();
      writer.finish();
      await flush();
      const info = { citation: '', description: '', features, homepage: '', license: '' };
      await writeFile(join(folder, 'dataset_info.json'), `${JSON.stringify(info, null, 2)}\n`);
      const state = {
        _data_files: [{ filename: DATA }],
        // `datasets` names its caches by this text, so it must differ between data.
        _fingerprint: hash.digest('hex').slice(0, 16),
        _format_columns: null,
        _format_kwargs: {},
        _format_type: null,
        _output_all_columns: false,
        _split: null,
      };
      await writeFile(join(folder, 'state.json'), `${JSON.stringify(state, null, 2)}\n`);
    },
  };
}

function featuresOf(columns: Readonly<Record<string, HfColumnType>>): object {
  const value = (dtype: string) => ({ dtype, _type: 'Value' });
  return {
    input_ids: { feature: value('int64'), _type: 'Sequence' },
    length: value('int64'),
    ...Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, value(type)])),
  };
}

function arrowType(arrow: typeof Arrow, type: HfColumnType): Arrow.DataType {
  if (type === 'string') return new arrow.Utf8();
  return type === 'int64' ? new arrow.Int64() : new arrow.Float64();
}

/** Widens whole numbers from 0 to 2^31 − 1 to 64 bits, without a BigInt for each. */
function int64(values: ArrayLike<number>): BigInt64Array {
  const words = new Int32Array(2 * values.length);
  for (let i = 0; i < values.length; i++) words[2 * i] = values[i];
  return new BigInt64Array(words.buffer);
}

function listsOf(arrow: typeof Arrow, field: Arrow.Field, lists: readonly Int32Array[]): Arrow.Data {
  const valueOffsets = new Int32Array(lists.length + 1);
  for (let i = 0; i < lists.length; i++) valueOffsets[i + 1] = valueOffsets[i] + lists[i].length;
  const words = new Int32Array(2 * valueOffsets[lists.length]);
  for (const [i, list] of lists.entries()) {
    for (let j = 0; j < list.length; j++) words[2 * (valueOffsets[i] + j)] = list[j];
  }
  return arrow.makeData({
    type: field.type as Arrow.List,
    length: lists.length,
    nullCount: 0,
    valueOffsets,
    child: arrow.makeData({ type: new arrow.Int64(), data: new BigInt64Array(words.buffer) }),
  });
}

function columnOf(
  arrow: typeof Arrow,
  type: HfColumnType,
  values: readonly (string | number | null)[],
): Arrow.Data {
  if (type === 'int64') return arrow.makeData({ type: new arrow.Int64(), data: int64(values as number[]) });
  if (type === 'float64')
    return arrow.makeData({ type: new arrow.Float64(), data: Float64Array.from(values as number[]) });
  const nullBitmap = new Uint8Array(Math.ceil(values.length / 64) * 8);
  let nullCount = 0;
  for (const [i, value] of values.entries()) {
    if (value === null) nullCount++;
    else nullBitmap[i >> 3] |= 1 << (i & 7);
  }
  return utf8Data(
    arrow,
    values as (string | null)[],
    nullCount > 0 ? { nullBitmap, nullCount } : { nullCount },
  );
}
