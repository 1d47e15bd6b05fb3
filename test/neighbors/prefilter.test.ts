import assert from 'node:assert/strict';
import test from 'node:test';
import type { Csr } from '../../lib/cells/csr.ts';
import { RandomStream } from '../../lib/flow/random.ts';
import { runTeam } from '../../lib/flow/workers/parallel.ts';
import type { NearestRows } from '../../lib/kernels/nearest.ts';
import { listCapacity } from '../../lib/neighbors/prefilter/job.ts';
import { isWorthPrefilter, nearestByPrefilter } from '../../lib/neighbors/prefilter/search.ts';
import { rowNumbers } from '../../lib/pairwise/spaces/open-space.ts';
import { sparseSpace } from '../../lib/pairwise/spaces/sparse-space.ts';
import { useKernels } from '../helpers/kernels.ts';
import { nearestRows } from '../helpers/nearest-rows.ts';

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

const withThreads =
  (count: number) => (module: string, data: unknown, onMessage?: (message: unknown) => void) =>
    runTeam(module, data, count, onMessage);

async function searchAll(matrix: Csr, k: number): Promise<NearestRows> {
  const space = await sparseSpace(matrix, 'euclidean', matrix.columns, rowNumbers(matrix.rows));
  const { indices, distances } = await nearestRows(space, k + 1);
  const others = (at: number) => at % (k + 1) !== 0;
  return {
    indices: indices.filter((_, at) => others(at)),
    distances: distances.filter((_, at) => others(at)),
  };
}

/** By this search, which must find what a look at all exact distances finds. */
async function checkSearch(matrix: Csr, k: number, threads = 2): Promise<void> {
  const found = await nearestByPrefilter(matrix, k, { team: withThreads(threads) });
  assert.deepEqual(found, await searchAll(matrix, k));
}

test('neighbours in two steps are those in one, to the last bit, for any number of threads', async () => {
  const matrix = sparseRows(900, 60, (row, random) => random * (1 + (row % 5)));
  for (const k of [1, 14]) for (const threads of [1, 2, 3]) await checkSearch(matrix, k, threads);
});

test('also over several blocks of rows', async () => {
  await checkSearch(
    sparseRows(4500, 12, (_, random) => random),
    3,
  );
});

test('also where rounding mixes up the order: one huge value, and many rows nearly the same', async () => {
  // Units of 10⁶/32,000 = 31: little is left of most values, so that lists give up.
  await checkSearch(
    sparseRows(700, 30, (row, random) => (row === 3 ? 1e6 * random : 100 + 400 * random)),
    5,
  );
  await checkSearch(
    sparseRows(700, 30, (_, random) => 1 + 1e-5 * random),
    5,
  );
});

test('also with more equal rows than a list holds, and empty ones', async () => {
  const distinct = sparseRows(500, 40, (row, random) => (row % 10 === 0 ? 0 : random));
  const copies = listCapacity(14) + 20;
  await checkSearch(pickRows(distinct, [...Array(500).keys(), ...Array(copies).fill(1)]), 14);
  await checkSearch(
    sparseRows(200, 10, () => 0),
    3,
  );
});

test('also with as few rows as there are neighbours', async () => {
  const matrix = sparseRows(40, 30, (_, random) => random);
  await checkSearch(matrix, 39);
  await checkSearch(pickRows(matrix, [0, 1]), 1);
});

test('counts the pieces as they are done', async () => {
  const seen: number[] = [];
  const matrix = sparseRows(3000, 8, (_, random) => random);
  await nearestByPrefilter(matrix, 2, {
    team: withThreads(2),
    onProgress: (done, total) => seen.push(done, total),
  });
  assert.equal(seen.at(-2), seen.at(-1));
  const counts = seen.filter((_, at) => at % 2 === 0);
  assert.deepEqual(
    counts,
    counts.toSorted((a, b) => a - b),
  );
});

test('a negative value is not let through', async () => {
  const matrix = sparseRows(50, 8, (_, random) => random - 0.5);
  await assert.rejects(
    nearestByPrefilter(matrix, 2, { team: withThreads(1) }),
    /Internal error: a value of -0/,
  );
});

test('pays for large encodings without negative values, by Euclidean distance', () => {
  const notes = { encoding: 'lognorm' };
  const large = { rows: 10_000, columns: 2000, notes };
  assert.equal(isWorthPrefilter(large, 'euclidean', 14), true);
  assert.equal(isWorthPrefilter(large, 'cosine', 14), false);
  assert.equal(isWorthPrefilter(large, 'euclidean', 500), false);
  assert.equal(isWorthPrefilter({ ...large, rows: 4000 }, 'euclidean', 14), false);
  assert.equal(isWorthPrefilter({ ...large, notes: { encoding: 'genept-w' } }, 'euclidean', 14), false);
});
