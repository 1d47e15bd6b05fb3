/**
 * First difference between two files that should be the same: for Arrow and Parquet the column and the row, for anything
 * else the line or the byte.
 */
import { open } from 'node:fs/promises';
import type * as Arrow from 'apache-arrow';
import { openArrowFile } from '../../flow/kinds/arrow-file.ts';
import { openParquetFile } from '../files/parquet-file.ts';

type Row = readonly unknown[];

interface Rows {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  rows(): AsyncIterable<Row>;
}

/**
 * Finds the first difference between two files.
 *
 * @param stored the file that was there
 * @param made the file that was made now
 * @returns words such as `column d3, row 17: 0.5 stored, 0.25 made`; rows count from 0. Undefined if there is no
 *   difference.
 */
export async function firstDifference(stored: string, made: string): Promise<string | undefined> {
  const offset = await firstByte(stored, made);
  if (offset === undefined) return undefined;
  const readers = await Promise.all([readerOf(stored), readerOf(made)]).catch(() => []); // one is not whole
  const [a, b] = readers;
  const inBytes = `byte ${offset}`;
  if (a === undefined || b === undefined) return inBytes;
  return (await firstCell(a, b)) ?? `the same values, written in another way from ${inBytes} on`;
}

async function readerOf(path: string): Promise<Rows | undefined> {
  const file = await open(path, 'r');
  const magic = Buffer.alloc(6);
  try {
    await file.read(magic, 0, 6, 0);
  } finally {
    await file.close();
  }
  if (magic.toString('latin1') === 'ARROW1') return arrowRows(path);
  if (magic.subarray(0, 4).toString('latin1') === 'PAR1') return parquetRows(path);
  return undefined;
}

async function arrowRows(path: string): Promise<Rows> {
  const file = await openArrowFile(path);
  return {
    columns: file.schema.fields.map(({ name, type }) => ({ name, type: String(type) })),
    async *rows() {
      for await (const batch of file.batches()) {
        const vectors = batch.schema.fields.map((_, c) => batch.getChildAt(c) as Arrow.Vector);
        for (let r = 0; r < batch.numRows; r++) yield vectors.map((vector) => plain(vector.get(r)));
      }
    },
  };
}

/** Converts lists to plain arrays; 64-bit numbers stay as they are. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Array.from(value as Iterable<unknown>, plain);
}

const PARQUET_ROWS = 16_384;

async function parquetRows(path: string): Promise<Rows> {
  const file = await openParquetFile(path);
  const columns = file.columns.map(({ element }) => ({
    name: element.name,
    type: `${element.converted_type ?? element.type}, ${element.repetition_type}`,
  }));
  return {
    columns,
    async *rows() {
      for (let from = 0; from < file.rows; from += PARQUET_ROWS) {
        for (const row of await file.objects(from, from + PARQUET_ROWS))
          yield columns.map(({ name }) => row[name]);
      }
    },
  };
}

async function firstCell(stored: Rows, made: Rows): Promise<string | undefined> {
  const names = (rows: Rows) => rows.columns.map(({ name, type }) => `${name} (${type})`);
  const [a, b] = [names(stored), names(made)];
  for (let c = 0; c < Math.max(a.length, b.length); c++) {
    if (a[c] !== b[c]) return `column ${c}: ${a[c] ?? 'none'} stored, ${b[c] ?? 'none'} made`;
  }
  const left = stored.rows()[Symbol.asyncIterator]();
  const right = made.rows()[Symbol.asyncIterator]();
  try {
    for (let row = 0; ; row++) {
      const [one, other] = [await left.next(), await right.next()];
      if (one.done === true && other.done === true) return undefined;
      if (one.done === true || other.done === true) {
        return `row ${row}: ${one.done === true ? 'no such row stored' : 'no such row made'}`;
      }
      for (const [c, { name }] of stored.columns.entries()) {
        if (isSame(one.value[c], other.value[c])) continue;
        return `column ${name}, row ${row}: ${shown(one.value[c])} stored, ${shown(other.value[c])} made`;
      }
    }
  } finally {
    await left.return?.(undefined); // closes the files
    await right.return?.(undefined);
  }
}

/** Whether two values are the same as written: 0 is not −0, and NaN is NaN. */
function isSame(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return Object.is(a, b);
  return a.length === b.length && a.every((item, i) => isSame(item, b[i]));
}

const LONGEST = 60;

function shown(value: unknown): string {
  const text = Object.is(value, -0)
    ? '-0'
    : (JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? String(v) : v)) ?? 'nothing');
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** Offset of the first byte in which two files differ; their common length, if one is the beginning of the other. */
async function firstByte(stored: string, made: string): Promise<number | undefined> {
  const [a, b] = [await open(stored, 'r'), await open(made, 'r')];
  try {
    const [left, right] = [Buffer.alloc(1 << 20), Buffer.alloc(1 << 20)];
    for (let at = 0; ; ) {
      const [{ bytesRead: n }, { bytesRead: m }] = [
        await a.read(left, 0, left.length, at),
        await b.read(right, 0, right.length, at),
      ];
      const common = Math.min(n, m);
      for (let i = 0; i < common; i++) if (left[i] !== right[i]) return at + i;
      if (n !== m) return at + common;
      if (n === 0) return undefined;
      at += n;
    }
  } finally {
    await a.close();
    await b.close();
  }
}
