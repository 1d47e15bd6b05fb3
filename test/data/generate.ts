/** Files and data for the tests of artifact kinds. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { CsrBlock } from '../../lib/cells/csr.ts';
import type { Columns } from '../../lib/data/kinds/types.ts';
import { type RandomStream, randomSource } from '../../lib/flow/random.ts';

/** A folder for the test file that asks for it, gone when its tests are done. */
export function temporaryFolder(): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'rankloom-formats-'));
  after(() => rmSync(folder, { recursive: true }));
  return (name) => join(folder, name);
}

export const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

export const streamOf = (...name: (string | number)[]): RandomStream =>
  randomSource(0, 'test').stream(...name);

/** One column of every type. */
export const EVERY_TYPE = {
  name: 'utf8',
  label: 'utf8?',
  kept: 'bool',
  annotated: 'bool?',
  count: 'int32',
  rank: 'int32?',
  pairs: 'int64',
  seen: 'int64?',
  score: 'float32',
  share: 'float32?',
  mean: 'float64',
  median: 'float64?',
} as const;

const WORDS = [
  '',
  'T cell',
  'Zellen für α/β',
  'β細胞',
  '😀👩🏽‍🔬',
  'a\tb\n"c"',
  'x'.repeat(3000),
  '\u0000',
  'NA',
  'null',
];

/** Random rows with extremes among them; `missing` is the share of missing values in nullable columns. */
export function everyType(rows: number, missing = 0.3): Columns<typeof EVERY_TYPE> {
  const random = streamOf('table', rows, missing);
  const gone = () => random.float64() < missing;
  const word = () => WORDS[random.int(WORDS.length)];
  const int32 = () => [random.uint32() | 0, -(2 ** 31), 2 ** 31 - 1, 0][random.int(4)];
  const int64 = () =>
    [
      Math.floor((random.float64() - 0.5) * 2 ** 50),
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
      2 ** 31,
    ][random.int(4)];
  const float64 = () => [random.float64(), -1e300, 5e-324, 0.1][random.int(4)];
  const float32 = () => Math.fround([random.float64(), -3e38, 1e-45, 0.1][random.int(4)]);
  const list = <T>(make: () => T) => Array.from({ length: rows }, make);
  return {
    name: list(word),
    label: list(() => (gone() ? null : word())),
    kept: list(() => random.int(2) === 1),
    annotated: list(() => (gone() ? null : random.int(2) === 1)),
    count: Int32Array.from(list(int32)),
    rank: Float64Array.from(list(() => (gone() ? Number.NaN : int32()))),
    pairs: Float64Array.from(list(int64)),
    seen: Float64Array.from(list(() => (gone() ? Number.NaN : int64()))),
    score: Float32Array.from(list(float32)),
    share: Float32Array.from(list(() => (gone() ? Number.NaN : float32()))),
    mean: Float64Array.from(list(float64)),
    median: Float64Array.from(list(() => (gone() ? Number.NaN : float64()))),
  };
}

/** A sparse block; about one row in eight is empty. */
export function sparse(rows: number, columns: number, perRow: number): CsrBlock {
  const random = streamOf('sparse', rows, columns, perRow);
  const indptr = new Uint32Array(rows + 1);
  const indices: number[] = [];
  const values: number[] = [];
  for (let row = 0; row < rows; row++) {
    const entries = random.int(8) === 0 ? 0 : random.int(Math.min(2 * perRow, columns) + 1);
    for (const column of random.sample(columns, entries)) {
      indices.push(column);
      values.push(Math.fround(random.float64() - 0.5) || 1);
    }
    indptr[row + 1] = indices.length;
  }
  return { rows, columns, indptr, indices: Int32Array.from(indices), values: Float32Array.from(values) };
}

export const cellNames = (cells: number, start = 0) =>
  Array.from({ length: cells }, (_, i) => `cell-${start + i}`);

/** Rows `start` … `end` − 1 of a matrix. */
export function rowsOf(matrix: CsrBlock, start: number, end: number): CsrBlock {
  const [from, to] = [matrix.indptr[start], matrix.indptr[end]];
  return {
    rows: end - start,
    columns: matrix.columns,
    indptr: matrix.indptr.slice(start, end + 1).map((at) => at - from),
    indices: matrix.indices.slice(from, to),
    values: matrix.values.slice(from, to),
  };
}
