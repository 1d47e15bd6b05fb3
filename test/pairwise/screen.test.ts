import assert from 'node:assert/strict';
import test from 'node:test';
import type { Csr } from '../../lib/cells/csr.ts';
import { RandomStream } from '../../lib/flow/random.ts';
import { type NearestRows, nearestRows } from '../../lib/pairwise/nearest.ts';
import { rowNumbers } from '../../lib/pairwise/open-space.ts';
import {
  isWorthScreening,
  refineNearest,
  screenedNeighbors,
  screeningSpace,
} from '../../lib/pairwise/screen.ts';
import { sparseSpace } from '../../lib/pairwise/sparse-space.ts';
import { useKernels } from '../helpers/kernels.ts';

useKernels();

/** Rows of numbers from 0 on, two of three of them 0. */
function sparseRows(rows: number, columns: number, value: (row: number, random: number) => number): Csr {
  const random = new RandomStream(7, 8);
  const indptr = new Uint32Array(rows + 1);
  const indices: number[] = [];
  const values: number[] = [];
  for (let i = 0; i < rows; i++) {
    for (let g = 0; g < columns; g++) {
      const drawn = value(i, random.float64());
      if (random.int(3) !== 0 || drawn === 0) continue;
      indices.push(g);
      values.push(drawn);
    }
    indptr[i + 1] = indices.length;
  }
  return { rows, columns, indptr, indices: Int32Array.from(indices), values: Float32Array.from(values) };
}

function pickRows({ columns, indptr, indices, values }: Csr, rows: readonly number[]): Csr {
  const all = rows.flatMap((row) =>
    [...Array(indptr[row + 1] - indptr[row]).keys()].map((e) => indptr[row] + e),
  );
  const starts = new Uint32Array(rows.length + 1);
  for (const [i, row] of rows.entries()) starts[i + 1] = starts[i] + indptr[row + 1] - indptr[row];
  return {
    rows: rows.length,
    columns,
    indptr: starts,
    indices: Int32Array.from(all, (e) => indices[e]),
    values: Float32Array.from(all, (e) => values[e]),
  };
}

async function bothWays(matrix: Csr, k: number): Promise<[screened: NearestRows, exact: NearestRows]> {
  const found = await nearestRows(await screeningSpace(matrix), screenedNeighbors(k) + 1);
  const space = await sparseSpace(matrix, 'euclidean', matrix.columns, rowNumbers(matrix.rows));
  const { indices, distances } = await nearestRows(space, k + 1);
  const screened = await refineNearest(matrix, found, k);
  return [
    { indices: screened.indices, distances: screened.distances },
    { indices, distances },
  ];
}

test('neighbours in two steps are those in one, to the last bit', async () => {
  const matrix = sparseRows(900, 60, (row, random) => random * (1 + (row % 5)));
  for (const k of [1, 14]) {
    const [screened, exact] = await bothWays(matrix, k);
    assert.deepEqual(screened, exact);
  }
});

test('also where rounding mixes up the order: one huge value, and many rows nearly the same', async () => {
  // Units of 10⁶/8191 = 122: of most values nothing is left.
  const huge = sparseRows(700, 30, (row, random) => (row === 3 ? 1e6 * random : 100 + 400 * random));
  const near = sparseRows(700, 30, (_, random) => 1 + 1e-5 * random);
  for (const matrix of [huge, near]) {
    const [screened, exact] = await bothWays(matrix, 5);
    assert.deepEqual(screened, exact);
  }
});

test('also with more equal rows than are looked at, and empty ones', async () => {
  const distinct = sparseRows(500, 40, (row, random) => (row % 10 === 0 ? 0 : random));
  const matrix = pickRows(distinct, [...Array(500).keys(), ...Array(80).fill(1)]);
  const [screened, exact] = await bothWays(matrix, 14);
  assert.deepEqual(screened, exact);
  const empty = sparseRows(200, 10, () => 0);
  const [ofEmpty, expected] = await bothWays(empty, 3);
  assert.deepEqual(ofEmpty, expected);
});

test('pays for large encodings without negative values, by Euclidean distance', () => {
  const notes = { encoding: 'lognorm' };
  const large = { rows: 10_000, columns: 2000, notes };
  assert.equal(isWorthScreening(large, 'euclidean', 14), true);
  assert.equal(isWorthScreening(large, 'cosine', 14), false);
  assert.equal(isWorthScreening(large, 'euclidean', 500), false);
  assert.equal(isWorthScreening({ ...large, rows: 4000 }, 'euclidean', 14), false);
  assert.equal(isWorthScreening({ ...large, notes: { encoding: 'genept-w' } }, 'euclidean', 14), false);
});
