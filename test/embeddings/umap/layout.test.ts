import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import type { Neighbors } from '../../../lib/data/kinds/types.ts';
import { fitCurve } from '../../../lib/embeddings/umap/curve.ts';
import { fuzzyGraph } from '../../../lib/embeddings/umap/graph/fuzzy-graph.ts';
import type { Graph } from '../../../lib/embeddings/umap/graph/graph.ts';
import { forceFactors, forceTable } from '../../../lib/embeddings/umap/layout/force-tables.ts';
import { layoutJob } from '../../../lib/embeddings/umap/layout/layout-memory.ts';
import { planLayout, planMoves } from '../../../lib/embeddings/umap/layout/layout-plan.ts';
import { epochKeys, runLayout } from '../../../lib/embeddings/umap/layout/run-layout.ts';
import { layoutByRankloom, type RankloomParameters } from '../../../lib/embeddings/umap/umap.ts';
import { randomSource } from '../../../lib/flow/random.ts';
import { runTeam } from '../../../lib/flow/workers/parallel.ts';
import { instantiateKernel, KernelMemory, sharedMemory } from '../../../lib/kernels/memory.ts';
import { useKernels } from '../../helpers/kernels.ts';
import { makeCells, neighborsOf } from './golden.ts';
import { drawsOf, GROUPS, layoutOracle } from './layout-oracle.ts';

useKernels();

const DEFAULTS: RankloomParameters = {
  dims: 2,
  minDist: 0.1,
  spread: 1,
  epochs: null,
  init: 'spectral',
  setOpMixRatio: 1,
  localConnectivity: 1,
  negativeSamples: 5,
  repulsion: 1,
};

const teamOf =
  (threads: number) =>
  (module: string, data: unknown, onMessage?: (message: unknown) => void): Promise<void> =>
    runTeam(module, data, threads, onMessage);

const stream = () => randomSource(0, 'test').stream('umap');
const hash = (values: Float32Array) =>
  createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex').slice(0, 16);

function neighborsFor(points: readonly (readonly number[])[], k: number): Neighbors {
  const found = neighborsOf(points, Math.min(k, points.length));
  return { cellIds: points.map((_, i) => `c${i}`), ...found };
}

function layout(
  points: readonly (readonly number[])[],
  options: Partial<RankloomParameters> & { k?: number; threads?: number } = {},
): Promise<Float32Array> {
  const { k = 15, threads = 2, ...parameters } = options;
  return layoutByRankloom(
    neighborsFor(points, k),
    { ...DEFAULTS, ...parameters },
    { random: stream(), team: teamOf(threads) },
  );
}

function graphOf(cells: number, k = 8): Promise<Graph> {
  const found = neighborsFor(makeCells(cells, 4, 3, 300, 1), k);
  return fuzzyGraph({ ...found, cells }, { setOpMixRatio: 1, localConnectivity: 1 });
}

/** A ring of cells and one that all others are joined to. */
function wheel(cells: number): Graph {
  const rows = Array.from({ length: cells }, (_, i) =>
    i === 0
      ? Array.from({ length: cells - 1 }, (_, j) => j + 1)
      : [0, 1 + (i % (cells - 1)), 1 + ((i + cells - 3) % (cells - 1))].sort((x, y) => x - y),
  );
  const indptr = new Uint32Array(cells + 1);
  for (const [i, row] of rows.entries()) indptr[i + 1] = indptr[i] + row.length;
  const indices = Uint32Array.from(rows.flat());
  const weights = Float32Array.from(rows.flatMap((row, i) => row.map((j) => 1 / (1 + ((i + j) % 5)))));
  return { cells, indptr, indices, weights };
}

const loadOf = ({ indptr, weights }: Graph, point: number) =>
  weights.subarray(indptr[point], indptr[point + 1]).reduce((sum, weight) => sum + weight, 0);

test('the plan holds every edge once, and once as it is taken', async () => {
  const graph = await graphOf(801);
  const { moves, gathers } = planLayout(graph, 4);
  const { order, starts, groupStarts } = moves;
  const heaviest = Math.max(...graph.weights);
  const groupOf = (point: number) => [0, 200, 400, 600].findLastIndex((first) => first <= point);
  for (let place = 1; place < 801; place++) {
    const [x, y] = order.subarray(place - 1, place + 1);
    assert.ok(groupOf(x) < groupOf(y) || (groupOf(x) === groupOf(y) && loadOf(graph, x) >= loadOf(graph, y)));
  }
  assert.deepEqual([...groupStarts], [0, 200, 400, 600, 801]);
  assert.deepEqual([...moves.hubEnds], [0, 200, 400, 600]);
  for (const place of [0, 128, 200, 328, 400, 528, 600, 728, 801]) assert.equal(starts[place] % 64, 0);
  // Counted from the first edge of the group, in the tables of which they stand.
  const slots: number[] = [];
  for (const [slot, edge] of gathers.senders.entries()) {
    const group = [0, 1, 2, 3].findLast((g) => gathers.starts[g * 801] <= slot)!;
    slots[edge + starts[groupStarts[group]]] = slot;
  }
  assert.equal(gathers.senders.length, graph.indices.length);
  let mostEdges = 0;
  for (const [place, head] of order.entries()) {
    const from = graph.indptr[head];
    const end = starts[place] + graph.indptr[head + 1] - from;
    mostEdges = Math.max(mostEdges, starts[place + 1] - starts[place]);
    for (let e = starts[place]; e < end; e++) {
      const edge = from + e - starts[place];
      assert.equal(order[moves.tails[e]], graph.indices[edge]);
      assert.equal(moves.rates[e], Math.round((graph.weights[edge] / heaviest) * 2 ** 31));
      const slot = slots[e];
      assert.equal(gathers.receivers[slot], moves.tails[e]);
      assert.equal(gathers.rates[slot], moves.rates[e]);
      const row = groupOf(head) * 801 + moves.tails[e];
      assert.ok(gathers.starts[row] <= slot && slot < gathers.starts[row + 1]);
    }
    for (let e = end; e < starts[place + 1]; e++) assert.equal(moves.rates[e], 0);
  }
  assert.equal(moves.mostEdges, mostEdges);
});

test('hubs are points that sample far more often than the others', () => {
  // Points 51, 59 and 110 have 1300, 1500 and 1400 edges, the others 1.
  const degrees = Array.from({ length: 400 }, (_, i) => ({ 51: 1300, 59: 1500, 110: 1400 })[i] ?? 1);
  const starts = new Uint32Array(401);
  for (const [i, degree] of degrees.entries()) starts[i + 1] = starts[i] + degree;
  const tails = Uint32Array.from({ length: starts[400] }, (_, e) => e);
  const rates = tails.slice().fill(2 ** 30);
  const moves = planMoves({ starts, tails, rates }, 8);
  // Of 48 points with an edge each the last has also those that fill up a chunk.
  assert.equal(moves.mostEdges, 17);
  assert.deepEqual([...moves.hubEnds], [0, 52, 101, 150, 200, 250, 300, 350]);
  assert.deepEqual([...moves.order.subarray(50, 54)], [59, 51, 50, 52]);
  assert.deepEqual([...moves.order.subarray(100, 103)], [110, 100, 101]);
  assert.deepEqual(
    [...moves.tails.subarray(moves.starts[50], moves.starts[50] + 1500)],
    [...tails.subarray(starts[59], starts[60])],
  );
  // The same edges, of which those of point 59 are hardly ever sampled.
  rates.fill(2 ** 20, starts[59], starts[60]);
  const fewer = planMoves({ starts, tails, rates }, 8);
  assert.deepEqual([...fewer.hubEnds.subarray(1, 3)], [51, 101]);
  assert.equal(fewer.mostEdges, 1500);
});

for (const [minDist, spread, precision] of [
  [0, 1, 1e-4],
  [0.1, 1, 1e-4],
  [0.99, 1, 2e-4],
  [0, 0.5, 1e-4],
  [1, 5, 1e-4],
  // b = 3.9
  [2, 1, 5e-4],
]) {
  test(`the kernel's forces are right at all distances: ${minDist}, ${spread}`, async () => {
    const memory = sharedMemory();
    const kernel = await instantiateKernel(
      new URL('../../../lib/kernels/umap.wasm', import.meta.url),
      memory,
    );
    const call = kernel as Record<string, (...numbers: number[]) => number>;
    const room = new KernelMemory(memory);
    const { pull, push } = forceFactors(fitCurve(minDist, spread), 2);
    const tables = [pull, push].map((factor) => {
      const { lines, clippedBelow } = forceTable(factor);
      const at = room.allocate(lines.length * 4);
      room.float32(at, lines.length).set(lines);
      return { at, clippedBelow };
    });
    call.setRoom(room.allocate(16384), 1);
    call.setForces(...tables.map(({ at }) => at), ...tables.map(({ clippedBelow }) => clippedBelow));
    for (const [isPush, factor] of [pull, push].entries()) {
      for (let x = 2 ** -24; x < 2 ** 40; x *= 1.00137) {
        const squared = Math.fround(x);
        const exact = factor(squared);
        const error = Math.abs(call.factorAt(isPush, squared) - exact);
        assert.ok(error < precision * Math.abs(exact) + 1e-20, `${isPush ? 'push' : 'pull'} at ${squared}`);
        if (x > tables[isPush].clippedBelow) assert.ok(Math.abs(exact) * Math.sqrt(x) < 4);
      }
      const nearest = factor(2 ** -24);
      for (const x of [0, 1e-42, 1e-30, 2 ** -25]) {
        const error = Math.abs(call.factorAt(isPush, x) - nearest);
        assert.ok(error < precision * Math.abs(nearest), `${isPush ? 'push' : 'pull'} at ${x}`);
      }
      for (const x of [2 ** 40, 1e15, 5e30, 3e38]) assert.equal(call.factorAt(isPush, x), 0);
    }
  });
}

/** How far counts are from equal, in standard deviations of what chance does. */
function surprise(counts: Uint32Array): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const chi2 = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return Math.abs(chi2 - (counts.length - 1)) / Math.sqrt(2 * (counts.length - 1));
}

test('points are drawn alike, whatever was drawn before', () => {
  const CELLS = 40;
  const EDGES = 4000;
  const epochs = 12;
  const keys = epochKeys(stream(), epochs);
  const single = new Uint32Array(CELLS);
  // With the draw before for the edge, the one two before, the same of the edge before, and of the epoch before.
  const pairs = Array.from({ length: 4 }, () => new Uint32Array(CELLS ** 2));
  const triples = new Uint32Array(8 ** 3);
  let epochBefore: number[][] | undefined;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const draws = Array.from({ length: EDGES }, (_, edge) =>
      drawsOf(edge, 5, CELLS, keys[2 * epoch], keys[2 * epoch + 1]),
    );
    for (const [edge, drawn] of draws.entries()) {
      for (const [n, point] of drawn.entries()) {
        single[point]++;
        if (n > 0) pairs[0][drawn[n - 1] * CELLS + point]++;
        if (n > 1) pairs[1][drawn[n - 2] * CELLS + point]++;
        if (n > 1) triples[(((drawn[n - 2] / 5) << 6) | ((drawn[n - 1] / 5) << 3)) + Math.floor(point / 5)]++;
        if (edge > 0) pairs[2][draws[edge - 1][n] * CELLS + point]++;
        if (epochBefore) pairs[3][epochBefore[edge][n] * CELLS + point]++;
      }
    }
    epochBefore = draws;
  }
  for (const counts of [single, ...pairs, triples]) assert.ok(surprise(counts) < 4, `${surprise(counts)}`);
});

for (const [shape, makeGraph, axes] of [
  ['neighbours', () => graphOf(61), [1, 2, 3, 4, 5, 6, 7, 11]],
  ['a hub', () => wheel(1500), [2, 5, 7]],
] as const) {
  for (const dims of axes) {
    test(`the kernel does in ${dims} dimensions what the oracle does: ${shape}`, async () => {
      const graph = await makeGraph();
      const { cells } = graph;
      const random = randomSource(1, 'test').stream('start');
      const start = Float32Array.from({ length: cells * dims }, () => 4 * random.float64());
      const keys = epochKeys(stream(), 5);
      const forces = {
        a: 1.577,
        b: 0.895,
        epochs: 5,
        learningRate: 0.05,
        // Two rounds for a hub, which draws by four.
        negativeSamples: 6,
        repulsion: 1.5,
        keys,
      };
      const plan = planLayout(graph, GROUPS);
      assert.equal(plan.moves.hubEnds[0] > 0, shape === 'a hub');
      const found = await runLayout(
        layoutJob(plan.moves, forces, start, dims, GROUPS, plan.gathers),
        teamOf(2),
      );
      const expected = layoutOracle(graph, plan.moves, forces, start, dims);
      let furthest = 0;
      for (const [e, value] of expected.entries()) {
        assert.ok(Math.abs(found[e] - value) < 3e-4, `${e}: ${found[e]}, expected ${value}`);
        furthest = Math.max(furthest, Math.abs(value - start[e]));
      }
      assert.ok(furthest > 0.1);
    });
  }
}

test('the same bytes for any number of threads, on every machine and version of Node', async () => {
  const points = makeCells(1500, 5, 4, 300, 1);
  const layouts = await Promise.all(
    [1, 2, 3, 7].map((threads) => layout(points, { dims: 5, epochs: 30, threads })),
  );
  for (const values of layouts) assert.equal(hash(values), hash(layouts[0]));
  assert.equal(hash(layouts[0]), 'e1ed9d3dd40f96dc');
});

test('clusters stay together and apart', async () => {
  const points = makeCells(300, 4, 3, 300, 1);
  const { indices, k } = neighborsFor(points, 15);
  const values = await layout(points);
  const kept = neighborsOf(
    points.map((_, i) => [values[2 * i], values[2 * i + 1]]),
    15,
  );
  let both = 0;
  for (let i = 0; i < 300; i++) {
    const before = new Set(indices.subarray(i * k, (i + 1) * k));
    for (const j of kept.indices.subarray(i * k, (i + 1) * k)) if (before.has(j)) both++;
  }
  assert.ok(both / (300 * k) > 0.5, `${both / (300 * k)}`);
});

test('tells how many epochs are done', async () => {
  const seen: string[] = [];
  await layoutByRankloom(
    neighborsFor(makeCells(30, 4, 3, 300, 1), 5),
    { ...DEFAULTS, epochs: 4 },
    { random: stream(), team: teamOf(2), onEpoch: (done, total) => seen.push(`${done}/${total}`) },
  );
  assert.deepEqual(seen, ['2/4', '3/4', '4/4']);
});

function isFiniteLayout(values: Float32Array, length: number): void {
  assert.equal(values.length, length);
  assert.ok(values.every(Number.isFinite));
  assert.ok(values.every((value) => Math.abs(value) < 1000));
}

const line = (cells: number, step = 1) => Array.from({ length: cells }, (_, i) => [i * step, 0, 0]);

test('one cell stands at the origin', async () => {
  assert.deepEqual([...(await layout(line(1)))], [0, 0]);
});

test('no more cells than neighbours', async () => {
  for (const cells of [2, 3, 15]) isFiniteLayout(await layout(line(cells)), 2 * cells);
});

test('all cells equal, and duplicates', async () => {
  isFiniteLayout(await layout(line(40, 0)), 80);
  const points = makeCells(60, 4, 3, 300, 1);
  isFiniteLayout(await layout([...points, ...points, ...points]), 360);
});

test('parts that no edge joins', async () => {
  const points = Array.from({ length: 90 }, (_, i) => [1e4 * (i % 3) + i / 90, i % 7, i % 11]);
  isFiniteLayout(await layout(points, { k: 5, dims: 3 }), 270);
});

test('cells that nobody counts as a neighbour', async () => {
  const points = [...makeCells(50, 4, 3, 300, 1), [1e5, 0, 0, 0], [0, 1e5, 0, 0]];
  isFiniteLayout(await layout(points, { k: 4, setOpMixRatio: 0 }), 104);
});

test('no negative samples, no repulsion', async () => {
  const points = makeCells(50, 4, 3, 300, 1);
  isFiniteLayout(await layout(points, { negativeSamples: 0, epochs: 20 }), 100);
  isFiniteLayout(await layout(points, { repulsion: 0, epochs: 20 }), 100);
});
