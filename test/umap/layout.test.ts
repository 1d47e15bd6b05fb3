import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { runCrew } from '../../lib/flow/crew.ts';
import { randomSource } from '../../lib/flow/random.ts';
import type { Neighbors } from '../../lib/formats/types.ts';
import { instantiateKernel, KernelMemory, sharedMemory } from '../../lib/kernels/memory.ts';
import { fuzzyGraph, type Graph } from '../../lib/umap/fuzzy-graph.ts';
import { layoutByRankloom, type RankloomParameters } from '../../lib/umap/layout.ts';
import { layoutJob } from '../../lib/umap/layout-memory.ts';
import { planLayout } from '../../lib/umap/layout-plan.ts';
import { epochKeys, runLayout } from '../../lib/umap/run-layout.ts';
import { useKernels } from '../helpers/kernels.ts';
import { makeCells, neighborsOf } from './golden.ts';
import { layoutOracle, sortedEdges } from './layout-oracle.ts';

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

const crewOf =
  (threads: number) =>
  (module: string, data: unknown, onMessage?: (message: unknown) => void): Promise<void> =>
    runCrew(module, data, threads, onMessage);

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
    { random: stream(), crew: crewOf(threads) },
  );
}

function graphOf(cells: number, k = 8): Graph {
  const found = neighborsFor(makeCells(cells, 4, 3, 300, 1), k);
  return fuzzyGraph({ ...found, cells }, { setOpMixRatio: 1, localConnectivity: 1 });
}

test('the plan holds every edge once, with its mirror', () => {
  const graph = graphOf(101);
  const { segments, tails, rates, mirrors, mostEdges } = planLayout(graph, 4);
  const expected = sortedEdges(graph, 4);
  const heaviest = Math.max(...graph.weights);
  for (let head = 0; head < 101; head++) {
    const from = segments[head * 4];
    const end = segments[head * 4 + 4];
    assert.deepEqual(
      [...tails.subarray(from, end)],
      expected[head].map(({ tail }) => tail),
    );
    assert.deepEqual(
      [...rates.subarray(from, end)],
      expected[head].map(({ weight }) => Math.round((weight / heaviest) * 2 ** 31)),
    );
    for (let group = 0; group < 4; group++) {
      for (let e = segments[head * 4 + group]; e < segments[head * 4 + group + 1]; e++) {
        assert.equal(tails[e] % 4, group);
        assert.equal(tails[mirrors[e]], head);
        assert.equal(mirrors[mirrors[e]], e);
        assert.equal(rates[mirrors[e]], rates[e]);
      }
    }
  }
  assert.equal(mostEdges, Math.max(...expected.map((edges) => edges.length)));
});

test("the kernel's powers are right to a few units of 32-bit precision", async () => {
  const memory = sharedMemory();
  const kernel = await instantiateKernel(new URL('../../lib/kernels/umap.wasm', import.meta.url), memory);
  const call = kernel as Record<string, (...numbers: number[]) => number>;
  call.setLaneRoom(0, 0, 0, 0, 0, new KernelMemory(memory).allocate(1024));
  for (const b of [0.4, 0.8950608778515733, 1, 1.7]) {
    call.setForces(1, b, 1);
    for (let x = 1e-12; x < 1e9; x *= 1.037) {
      const exact = Math.fround(x) ** Math.fround(b);
      assert.ok(Math.abs(call.powerOf(x) / exact - 1) < 6e-6, `${x} ** ${b}`);
    }
    assert.ok(call.powerOf(0) < 1e-12);
    assert.ok(call.powerOf(1e30) < 1.2e18);
  }
});

for (const dims of [1, 2, 3, 4, 5, 6, 7, 11]) {
  test(`the kernel does in ${dims} dimensions what the oracle does`, async () => {
    const graph = graphOf(61);
    const random = randomSource(1, 'test').stream('start');
    const start = Float32Array.from({ length: 61 * dims }, () => 4 * random.float64());
    const keys = epochKeys(stream(), 5);
    const forces = {
      a: 1.577,
      b: 0.895,
      epochs: 5,
      learningRate: 0.05,
      negativeSamples: 3,
      repulsion: 1.5,
      keys,
    };
    const found = await runLayout(layoutJob(planLayout(graph, 8), forces, start, dims, 8), crewOf(2));
    const expected = layoutOracle(graph, forces, start, dims);
    let furthest = 0;
    for (const [e, value] of expected.entries()) {
      assert.ok(Math.abs(found[e] - value) < 1e-4, `${e}: ${found[e]}, expected ${value}`);
      furthest = Math.max(furthest, Math.abs(value - start[e]));
    }
    assert.ok(furthest > 0.1);
  });
}

test('the same bytes for any number of threads, on every machine and version of Node', async () => {
  const points = makeCells(1500, 5, 4, 300, 1);
  const layouts = await Promise.all(
    [1, 2, 3, 7].map((threads) => layout(points, { dims: 5, epochs: 30, threads })),
  );
  for (const values of layouts) assert.equal(hash(values), hash(layouts[0]));
  assert.equal(hash(layouts[0]), '63b018d1f93195c8');
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
    { random: stream(), crew: crewOf(2), onEpoch: (done, total) => seen.push(`${done}/${total}`) },
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
