import assert from 'node:assert/strict';
import test from 'node:test';
import { fuzzyGraph } from '../../../lib/embeddings/umap/graph/fuzzy-graph.ts';
import type { Graph } from '../../../lib/embeddings/umap/graph/graph.ts';
import { smoothKnn } from '../../../lib/embeddings/umap/graph/smooth-knn.ts';
import { RandomStream } from '../../../lib/flow/random.ts';
import { useKernels } from '../../helpers/kernels.ts';
import { cellsWithDuplicates, golden, neighborsOf, unpack } from './golden.ts';
import { smoothKnnOracle } from './smooth-knn-oracle.ts';

useKernels();

const one = { setOpMixRatio: 1, localConnectivity: 1 };

const close = (found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) => {
  assert.equal(found.length, expected.length);
  for (let i = 0; i < found.length; i++) {
    const most = tolerance * Math.max(1, Math.abs(expected[i]));
    assert.ok(Math.abs(found[i] - expected[i]) <= most, `${i}: ${found[i]} for ${expected[i]}`);
  }
};

function checkSymmetric({ cells, indptr, indices, weights }: Graph): void {
  const seen = new Map<string, number>();
  for (let i = 0; i < cells; i++) {
    for (let e = indptr[i]; e < indptr[i + 1]; e++) {
      assert.ok(e === indptr[i] || indices[e] > indices[e - 1], 'columns ascend');
      assert.ok(indices[e] !== i && weights[e] > 0 && weights[e] <= 1);
      seen.set(`${i} ${indices[e]}`, weights[e]);
    }
  }
  for (const [pair, weight] of seen) assert.equal(seen.get(pair.split(' ').reverse().join(' ')), weight);
}

function weightsAbove({ cells, indptr, indices, weights }: Graph): number[] {
  const found: number[] = [];
  for (let i = 0; i < cells; i++) {
    for (let e = indptr[i]; e < indptr[i + 1]; e++) if (indices[e] > i) found.push(weights[e]);
  }
  return found;
}

test('distances 1 to 4: the scale stops where umap-learn stops', async () => {
  const distances = Float32Array.of(0, 1, 2, 3, 4);
  const { rho, sigma } = await smoothKnn({ cells: 1, k: 5, distances }, 1);
  assert.equal(rho[0], 1);
  assert.equal(sigma[0], 2.26361083984375);
});

test('memberships of distances 1 to 4', async () => {
  const indices = Int32Array.of(0, 1, 2, 3, 4, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4, 0, 0, 0, 0);
  // Only the first cell has neighbours; the rows of the others name the cell itself again and again.
  for (let i = 1; i < 5; i++) indices.fill(i, i * 5, i * 5 + 5);
  const distances = new Float32Array(25);
  distances.set([0, 1, 2, 3, 4]);
  const graph = await fuzzyGraph({ cells: 5, k: 5, indices, distances }, one);
  close(graph.weights.subarray(0, 4), [1, 0.642895, 0.413315, 0.265718], 1e-5);
  checkSymmetric(graph);
});

for (const { mix, connectivity, ...expected } of golden.fuzzy) {
  test(`weights are umap-learn's: mix ${mix}, local connectivity ${connectivity}`, async () => {
    const neighbors = neighborsOf(cellsWithDuplicates(), 10);
    const { rho, sigma } = await smoothKnn(neighbors, connectivity);
    close(rho, unpack(expected.rho), 1e-6);
    // The last bit of an exponential can decide whether the bisection goes on for a step.
    close(sigma, unpack(expected.sigma), 5e-5);
    const graph = await fuzzyGraph(neighbors, { setOpMixRatio: mix, localConnectivity: connectivity });
    checkSymmetric(graph);
    assert.equal(graph.weights.length, expected.edges);
    close(weightsAbove(graph), unpack(expected.weights), 1e-5);
  });
}

test('cells that coincide have no distance to fade from; their weights are all 1', async () => {
  const points = Array.from({ length: 12 }, () => [3, 4]);
  const neighbors = neighborsOf(points, 5);
  const { rho, sigma } = await smoothKnn(neighbors, 1);
  assert.ok(rho.every((value) => value === 0));
  assert.ok(sigma.every((value) => value >= 0 && Number.isFinite(value)));
  const graph = await fuzzyGraph(neighbors, one);
  checkSymmetric(graph);
  assert.ok(graph.weights.every((weight) => weight === 1));
});

test('local connectivity beyond the neighbours a cell has counts all of them', async () => {
  const { rho } = await smoothKnn({ cells: 1, k: 4, distances: Float32Array.of(0, 0, 2, 5) }, 3);
  assert.equal(rho[0], 5);
});

test('edges that no epoch would draw go; at the limit they stay', async () => {
  const neighbors = neighborsOf(cellsWithDuplicates(), 10);
  const full = await fuzzyGraph(neighbors, one);
  const heaviest = Math.max(...full.weights);
  const sorted = [...new Set(full.weights)].sort((a, b) => a - b);
  const limit = sorted.slice(5).find((weight) => Math.fround(heaviest / (heaviest / weight)) === weight)!;
  for (const epochs of [11, 30, heaviest / limit, 500]) {
    const least = Math.fround(heaviest / epochs);
    const pruned = await fuzzyGraph(neighbors, one, epochs);
    const kept = [...full.weights.keys()].filter((e) => full.weights[e] >= least);
    assert.deepEqual(
      pruned.weights,
      Float32Array.from(kept, (e) => full.weights[e]),
    );
    assert.deepEqual(
      pruned.indices,
      Uint32Array.from(kept, (e) => full.indices[e]),
    );
    assert.deepEqual(
      pruned.indptr,
      full.indptr.map((start) => kept.filter((e) => e < start).length),
    );
    assert.ok(pruned.weights.length < full.weights.length || epochs === 500);
    assert.equal(pruned.weights.includes(limit), epochs >= heaviest / limit);
    checkSymmetric(pruned);
  }
  // With ten epochs or fewer, as with the default number.
  assert.deepEqual(await fuzzyGraph(neighbors, one, 10), await fuzzyGraph(neighbors, one, 500));
});

test('scales and memberships are those of plain loops, to the bit', async () => {
  const stream = new RandomStream(6, 1);
  const rows = Array.from({ length: 400 }, (_, i) => {
    const scale = 10 ** (stream.int(9) - 4);
    const row = Array.from({ length: 24 }, () => (stream.int(9) === 0 ? 1 : stream.float64()) * scale);
    // Some cells coincide with all their neighbours or with some, or have one far away.
    if (i % 7 === 0) row.fill(0, 0, stream.int(25));
    if (i % 11 === 0) row[5] = 1e30;
    return Float32Array.from(row).sort();
  });
  for (const k of [2, 3, 5, 8, 15, 16, 24]) {
    const distances = Float32Array.from(rows.flatMap((row) => [0, ...row.subarray(24 - k + 1)]));
    const neighbors = { cells: rows.length, k, distances };
    for (const connectivity of [0, 0.5, 1, 1.25, 3]) {
      const { rho, sigma, memberships } = await smoothKnn(neighbors, connectivity);
      const expected = smoothKnnOracle(neighbors, connectivity);
      assert.deepEqual(rho, expected.rho);
      assert.deepEqual(sigma, expected.sigma);
      assert.deepEqual(memberships, expected.memberships);
    }
  }
  assert.equal((await smoothKnn({ cells: 0, k: 5, distances: new Float32Array(0) }, 1)).rho.length, 0);
});
