import assert from 'node:assert/strict';
import test from 'node:test';
import { RandomStream } from '../../lib/flow/random.ts';
import type { Points } from '../../lib/neighbors/method.ts';
import { isFastTree, isWorthTree, nearestInTree } from '../../lib/neighbors/tree/search.ts';
import { denseSpace } from '../../lib/pairwise/spaces/dense-space.ts';
import { rowNumbers } from '../../lib/pairwise/spaces/open-space.ts';
import { useKernels } from '../helpers/kernels.ts';
import { nearestRows } from '../helpers/nearest-rows.ts';
import { withTeam } from '../helpers/team.ts';

useKernels();

function points(
  n: number,
  dims: number,
  coordinate: (random: RandomStream, point: number, d: number) => number,
): Points {
  const random = new RandomStream(3, n * 64 + dims);
  const values = Float32Array.from({ length: n * dims }, (_, at) =>
    coordinate(random, Math.floor(at / dims), at % dims),
  );
  return { values, dims };
}

/** By a look at all pairs, with the kernel of tiles. */
async function searchAll({ values, dims }: Points, k: number) {
  const n = values.length / dims;
  const cellIds = Array.from({ length: n }, (_, i) => `cell ${i}`);
  const embedding = { cellIds, labels: cellIds.map(() => null), dims, values };
  const space = await denseSpace(embedding, 'euclidean', rowNumbers(n));
  const { indices, distances } = await nearestRows(space, Math.min(k, n));
  return { indices, distances };
}

/** By sorting all distances, summed in the kernel's order in 32-bit floats. */
function sortAll({ values, dims }: Points, k: number) {
  const { fround } = Math;
  const n = values.length / dims;
  const listed = Math.min(k, n);
  const found = { indices: new Int32Array(n * listed), distances: new Float32Array(n * listed) };
  for (let i = 0; i < n; i++) {
    const all = Array.from({ length: n }, (_, j) => {
      let sum = 0;
      for (let d = 0; d < dims; d++) {
        const apart = fround(values[i * dims + d] - values[j * dims + d]);
        sum = fround(sum + fround(apart * apart));
      }
      return { j, distance: i === j ? -1 : fround(Math.sqrt(sum)) };
    });
    all.sort((a, b) => a.distance - b.distance || a.j - b.j);
    for (let e = 0; e < listed; e++) {
      found.indices[i * listed + e] = all[e].j;
      found.distances[i * listed + e] = Math.max(0, all[e].distance);
    }
  }
  return found;
}

const clusters = (random: RandomStream, point: number) => 9 * (point % 7) + random.float64() ** 3;

test('a tree finds what sorting all distances finds, to the last bit', async () => {
  const cases: Record<string, Points> = {
    'spread evenly': points(700, 3, (random) => random.float64()),
    'in clusters': points(700, 5, clusters),
    'one dimension': points(300, 1, (random) => random.float64() - 0.5),
    'on a lattice: many at one distance': points(600, 2, (random) => random.int(9)),
    'duplicates of ten points': points(500, 2, (_, point, d) => (point % 10) * (d + 1)),
    'all equal': points(200, 4, () => 1.5),
    'but one': points(100, 2, (_, point) => (point === 70 ? 1e18 : 0)),
    'on a line': points(400, 3, (_, point, d) => (d === 1 ? point : 7)),
    'differences that vanish': points(300, 2, (random) => 1e6 + random.float64()),
    'squares that vanish': points(300, 2, (random) => random.int(50) * 1e-23),
    'squares without end': points(200, 2, (random) => (random.float64() - 0.5) * 1e19),
    'in many dimensions': points(200, 61, (random) => random.float64()),
    'a full leaf': points(32, 2, (random) => random.float64()),
    'and one more': points(33, 2, (random) => random.float64()),
    'one point': points(1, 3, () => 2),
    none: points(0, 3, () => 0),
  };
  await withTeam(2, async (team) => {
    for (const [what, given] of Object.entries(cases)) {
      for (const k of [1, 2, 15, 51]) {
        assert.deepEqual(await nearestInTree(given, k, { team }), sortAll(given, k), `${what}, k ${k}`);
      }
    }
  });
});

test('and what tiles of all pairs find, for any number of threads', async () => {
  const given = points(3000, 4, clusters);
  for (const k of [15, 300]) {
    const expected = await searchAll(given, k);
    for (const threads of [1, 2, 3, 7]) {
      const found = await withTeam(threads, (team) => nearestInTree(Promise.resolve(given), k, { team }));
      assert.deepEqual(found, expected, `${threads} threads, k ${k}`);
    }
  }
});

test('tiles of all pairs find what sorting finds, ties and all, also over several parts', async () => {
  for (const given of [
    points(900, 2, (random) => random.int(12)),
    points(300, 3, () => 4),
    points(20, 2, clusters),
  ]) {
    for (const k of [1, 2, 51]) assert.deepEqual(await searchAll(given, k), sortAll(given, k));
  }
});

test('tells how many points are done, to the last', async () => {
  const told: number[] = [];
  await withTeam(2, (team) =>
    nearestInTree(points(5000, 2, clusters), 5, { team, onProgress: (done) => told.push(done) }),
  );
  assert.equal(told.at(-1), 5000);
  assert.ok(told.every((done, i) => i === 0 || done >= told[i - 1]));
});

test('points that cannot be read end the search', async () => {
  const failing = Promise.reject<Points>(new Error('not finite'));
  await withTeam(1, (team) => assert.rejects(nearestInTree(failing, 5, { team }), /not finite/));
});

test('pays for Euclidean distances of many points, and is fast in few dimensions', () => {
  assert.ok(isWorthTree(44_500, 5, 'euclidean') && isWorthTree(44_500, 50, 'euclidean'));
  assert.ok(!isWorthTree(1000, 5, 'euclidean') && !isWorthTree(44_500, 5, 'cosine'));
  assert.ok(!isWorthTree(44_500, 62, 'euclidean'), 'the kernel of all pairs has another arithmetic there');
  assert.ok(isFastTree(5, 'euclidean') && !isFastTree(5, 'pearson') && !isFastTree(50, 'euclidean'));
});
