import assert from 'node:assert/strict';
import { test } from 'node:test';
import { halfOfGenes, randomOrder } from '../../../lib/evaluation/fidelity/controls.ts';
import { cellMeans, overlapOfCells, purityOfCells } from '../../../lib/evaluation/fidelity/neighborhood.ts';
import { packRefinement, unpackRefinement } from '../../../lib/evaluation/fidelity/packed-refinement.ts';
import { PairSums, pairAdder } from '../../../lib/evaluation/fidelity/pair-sums.ts';
import type { ViewProfile } from '../../../lib/evaluation/fidelity/profile.ts';
import { encodeReplicate } from '../../../lib/evaluation/fidelity/replicate.ts';
import { gapOverSpread } from '../../../lib/evaluation/fidelity/separation.ts';
import { type FidelityConfig, subjectsOf } from '../../../lib/evaluation/fidelity/subject.ts';
import { coarseBinsOf, valueShares } from '../../../lib/evaluation/fidelity/value-shares.ts';
import { planUnits } from '../../../lib/evaluation/fidelity/work.ts';
import { RandomStream, randomSource } from '../../../lib/flow/random.ts';
import { countPairs } from '../../../lib/pairwise/quantiles/count-pairs.ts';
import { planCounts } from '../../../lib/pairwise/quantiles/count-plan.ts';
import { denseSpace } from '../../../lib/pairwise/spaces/dense-space.ts';
import { type RowsInput, readRows } from '../../../lib/pairwise/spaces/row-source.ts';
import { planTasks } from '../../../lib/pairwise/tiles/tasks.ts';
import { cellTypes } from '../../../lib/pairwise/tiles/type-pairs.ts';
import { spearman, weightedSpearman } from '../../../lib/stats/correlation.ts';
import { percentileInterval, resample } from '../../../lib/stats/resample.ts';
import { inBlocks } from '../../helpers/in-blocks.ts';
import { nearestRows } from '../../helpers/nearest-rows.ts';

const random = new RandomStream(3, 4);
const N = 90;
const DIMS = 4;
const labels = Array.from({ length: N }, (_, i) => ['x', 'y', 'y', 'z'][i % 4]);
const points = Float32Array.from({ length: N * DIMS }, (_, e) => Math.floor(random.float64() * 6) + (e % 3));
const cellIds = labels.map((_, i) => `c${i}`);
const embedding = { cellIds, labels, dims: DIMS, values: points };

test('parts of the pairs, merged, give the sums and neighbours of all pairs', async () => {
  const types = cellTypes(labels);
  const space = await denseSpace(embedding, 'euclidean', types.order);
  const shares = valueShares(space, types);
  const plan = await planCounts(space, types, []);
  // Small groups and pieces, so that tiles of every shape are met.
  const tasks = planTasks(types, { batchPairs: 200, heldPairs: 400, piecePairs: 150 });
  const large = { ...plan, split: [0, 1, 2, 3, 4, 5].map((group) => ({ group, ranges: [] })) };
  const sumsOf = async (own: typeof tasks) => {
    const sums = new PairSums(types, 7);
    await countPairs(space, types, own, large, { visitTile: pairAdder(sums, space, types, shares) });
    return sums;
  };
  const whole = await sumsOf(tasks);
  const merged = new PairSums(types, 7);
  for (const [from, to] of [
    [0, 2],
    [2, 5],
    [5, tasks.length],
  ]) {
    const { cells, groups, nearest } = await sumsOf(tasks.slice(from, to));
    merged.merge({ cells, groups, firstGroup: 0, indices: nearest.indices, distances: nearest.distances });
  }
  assert.ok(tasks.length > 8);
  assert.deepEqual(merged.nearest.indices, whole.nearest.indices);
  for (const [i, value] of whole.cells.entries()) assert.ok(Math.abs(value - merged.cells[i]) < 1e-9);
  for (const [i, value] of whole.groups.entries()) assert.ok(Math.abs(value - merged.groups[i]) < 1e-9);

  // As the neighbours stage finds them: ties, of which there are many, by the number of the cell.
  const expected = await nearestRows(
    await denseSpace(embedding, 'euclidean', Int32Array.from(cellIds.keys())),
    8,
  );
  types.order.forEach((cell, position) => {
    assert.deepEqual(
      [...whole.nearest.indices.subarray(position * 7, (position + 1) * 7)],
      [...expected.indices.subarray(cell * 8 + 1, (cell + 1) * 8)],
    );
  });
});

test('work is cut by views: small ones together, large ones apart, every task once', () => {
  const small = cellTypes(labels);
  assert.deepEqual(
    planUnits([small, small, small]).map(({ units }) => units.map(({ view }) => view)),
    [[0, 1, 2]],
  );
  const large = cellTypes(Array.from({ length: 12_000 }, (_, i) => `type ${i % 7}`));
  const parts = planUnits([large, small]);
  const own = parts.flatMap(({ units }) => units).filter(({ view }) => view === 0);
  assert.ok(own.length > 1 && own.length <= 8);
  assert.equal(own[0].from, 0);
  assert.equal(own.at(-1)!.to, planTasks(large).length);
  for (let i = 1; i < own.length; i++) assert.equal(own[i].from, own[i - 1].to);
  for (const { units } of parts) assert.equal(new Set(units.map(({ view }) => view)).size, units.length);
});

test('a look is the same when it is unpacked, in less than half of the room', () => {
  const grid = { lo: -1, scale: 512, bins: 1024 };
  const runs = Array.from({ length: 500 }, (_, i) => [
    3_000_000_000 + i * 1_000_003,
    1 + (i % 65_536),
    i % 17,
  ]);
  const scopes = [[0, 1, 0], [5, 65_536, 3], [127, 128, 1], ...runs, [0xfffffffe, 1, 16]] as [
    number,
    number,
    number,
  ][];
  const refinement = {
    grid,
    scopes,
    split: [
      { group: 7, runs: scopes.slice(0, 2) },
      { group: 9, runs: [] },
    ],
  }; // prettier-ignore
  const packed = packRefinement(refinement);
  assert.deepEqual(unpackRefinement(JSON.parse(JSON.stringify(packed))), refinement);
  assert.deepEqual(unpackRefinement(packRefinement({ grid, scopes: [], split: [] })), {
    grid,
    scopes: [],
    split: [],
  });
  assert.ok(JSON.stringify(packed).length < JSON.stringify(refinement).length / 2);
});

test('histograms of pairs of types are coarser where there are very many', () => {
  // 505 types are 127,765 groups, and 127,765 · 128 is below 2^24.
  assert.deepEqual([1, 89, 505, 511, 512, 2000, 100_000].map(coarseBinsOf), [128, 128, 128, 128, 64, 8, 8]);
});

test('cells are drawn within their types, types among each other', () => {
  const typeOf = Int32Array.from({ length: 30 }, (_, i) => (i < 20 ? 0 : i < 29 ? 1 : 2));
  const streams = { cells: new RandomStream(1, 1), types: new RandomStream(1, 2) };
  const { cells, types } = resample(typeOf, 3, 40, streams);
  // 40 draws of 30 cells: kept, and one number more than is kept.
  const anew = resample(typeOf, 3, 40, streams, 1199);
  assert.deepEqual(anew.types, types);
  for (const draw of [3, 0, 39, 3]) assert.deepEqual(anew.cells(draw), cells(draw));
  for (let draw = 0; draw < 40; draw++) {
    const sizes = [0, 0, 0];
    typeOf.forEach((type, cell) => {
      sizes[type] += cells(draw)[cell];
    });
    assert.deepEqual(sizes, [20, 9, 1]);
    assert.equal(
      types.subarray(draw * 3, draw * 3 + 3).reduce((sum, n) => sum + n, 0),
      3,
    );
  }
  assert.ok(cells(0).some((times) => times === 0) && cells(0).some((times) => times > 1));
});

test('an interval holds 95 % of the draws, and is missing if most draws are', () => {
  const draws = Float64Array.from({ length: 201 }, (_, i) => ((i * 77) % 201) / 2);
  assert.deepEqual(percentileInterval(draws), { lo: 2.5, hi: 97.5 });
  const few = Float64Array.from(draws, (value, i) => (i % 3 === 0 ? value : Number.NaN));
  assert.ok(Number.isNaN(percentileInterval(few).lo));
  assert.ok(Number.isNaN(percentileInterval(new Float64Array(0)).hi));
});

test('a bootstrap interval of a mean covers the truth about as often as it says', () => {
  const typeOf = new Int32Array(60);
  let covered = 0;
  for (let trial = 0; trial < 100; trial++) {
    const stream = new RandomStream(trial, 9);
    const values = Float64Array.from(typeOf, () => stream.float64());
    const streams = { cells: stream.at(1), types: stream.at(2) };
    const { lo, hi } = percentileInterval(
      cellMeans(values, typeOf, resample(typeOf, 1, 200, streams)).overCells.cells!,
    );
    if (lo <= 0.5 && 0.5 <= hi) covered++;
  }
  assert.ok(covered >= 86 && covered <= 100, `${covered} of 100`);
});

test('weighted Spearman is Spearman of points repeated as often as they weigh', () => {
  const xs = [3, 1, 4, 1, 5, 9, 2, 6];
  const ys = [2, 7, 1, 8, 2, 8, 1, 8];
  const of = weightedSpearman(xs, ys);
  for (const weights of [
    [1, 1, 1, 1, 1, 1, 1, 1],
    [2, 0, 1, 3, 0, 1, 4, 1],
    [0, 0, 5, 0, 0, 0, 0, 3],
  ]) {
    const repeated = (values: readonly number[]) =>
      values.flatMap((v, i) => Array(weights[i]).fill(v) as number[]);
    const expected = spearman(repeated(xs), repeated(ys));
    assert.ok(Math.abs(of(Float64Array.from(weights)) - expected) < 1e-12);
  }
  assert.ok(Number.isNaN(of(new Float64Array(8))), 'no points');
  assert.ok(Number.isNaN(of(Float64Array.from([7, 0, 0, 0, 0, 0, 0, 0]))), 'one point');
});

const profile = (types: number[], neighbors: number[], k: number) =>
  ({ types: Int32Array.from(types), neighbors: Int32Array.from(neighbors), k }) as unknown as ViewProfile;

test('purity and overlap by hand', () => {
  const types = [0, 0, 1, 1];
  const a = profile(types, [1, 2, 0, 3, 3, 1, -1, -1], 2);
  const b = profile(types, [2, 1, 0, 2, 0, 1, 0, 1], 2);
  assert.deepEqual([...purityOfCells(a, 1)], [1, 1, 1, Number.NaN]);
  assert.deepEqual([...purityOfCells(a, 2)], [0.5, 0.5, 0.5, Number.NaN]);
  // {1,2} and {2,1}; {0,3} and {0,2}; {3,1} and {0,1}; none.
  assert.deepEqual([...overlapOfCells(a, b, 2)], [1, 1 / 3, 1 / 3, Number.NaN]);
  const typeOf = Int32Array.from(types);
  const none = { draws: 0, typeCount: 2, cells: () => new Uint16Array(0), types: new Uint16Array(0) };
  const values = Float64Array.of(1, 0.5, 0, Number.NaN);
  const { overCells, overTypes } = cellMeans(values, typeOf, none);
  assert.equal(overCells.value, 0.5);
  assert.equal(overTypes.value, (0.75 + 0) / 2);
});

test('the gap is counted in spreads, and upwards for distances too', () => {
  // Within 1 and 3, between 5 and 9: means 2 and 7, variances 1 and 4.
  const moments = [2, 4, 10, 2, 14, 106];
  assert.ok(Math.abs(gapOverSpread(moments, 'euclidean') - 5 / Math.sqrt(2.5)) < 1e-12);
  assert.ok(Math.abs(gapOverSpread(moments, 'pearson') + 5 / Math.sqrt(2.5)) < 1e-12);
  assert.ok(Number.isNaN(gapOverSpread([0, 0, 0, 2, 14, 106], 'pearson')));
});

const csr = {
  rows: 3,
  columns: 6,
  indptr: Uint32Array.of(0, 3, 3, 7),
  indices: Int32Array.of(0, 2, 5, 0, 1, 2, 5),
  values: Float32Array.of(1, 2, 3, 4, 5, 6, 7),
};
/** In two blocks, as a file gives them. */
const matrix: RowsInput = {
  kind: 'matrix',
  open: async () => ({
    rows: 3,
    columns: 6,
    metadata: { genesUsed: 9, layout: 'sparse', value: 'counts' },
    async *blocks() {
      for await (const block of inBlocks(csr, [1, 2]).blocks()) yield { ...block, cellIds: [] };
    },
    close: async () => {},
  }),
};

/** Read twice, as spaces do: both times the same. */
async function rowsOf(input: RowsInput) {
  const reader = await input.open();
  const rows = await readRows(reader);
  assert.deepEqual(await readRows(reader), rows);
  return { csr: rows, metadata: reader.metadata };
}

test('halves share out the genes, and random order moves values among the detected ones', async () => {
  const half = async (which: 0 | 1) => rowsOf(await halfOfGenes(matrix, which, new RandomStream(5, 6)));
  const [one, two] = [await half(0), await half(1)];
  assert.equal(one.metadata.genesUsed + two.metadata.genesUsed, 9);
  const columns = [one, two].map(({ csr }) => new Set(csr.indices.subarray(0, csr.indptr[3])));
  assert.deepEqual([...columns[0], ...columns[1]].sort(), [0, 1, 2, 5]);
  assert.equal(one.csr.indptr[3] + two.csr.indptr[3], 7);

  const { csr: shuffled } = await rowsOf(randomOrder(matrix, (row) => new RandomStream(7, row)));
  assert.deepEqual(shuffled.indices, csr.indices);
  for (const [from, to] of [
    [0, 3],
    [3, 7],
  ]) {
    assert.deepEqual(shuffled.values.slice(from, to).sort(), csr.values.slice(from, to));
  }
  assert.notDeepEqual(shuffled.values, csr.values);
});

test('a replicate has other random numbers than the next, and the same ones again', async () => {
  const counts = Float32Array.from({ length: 40 }, (_, i) => 1 + (i % 3));
  const block = {
    rows: 2,
    columns: 20,
    indptr: Uint32Array.of(0, 20, 40),
    indices: Int32Array.from({ length: 40 }, (_, i) => i % 20),
    values: counts,
  };
  const reader = {
    rows: 2,
    async *blocks() {
      yield { ...block, start: 0, cellIds: ['a', 'b'] };
    },
    async close() {},
  };
  const inputs = {
    counts: { kind: 'matrix', open: async () => reader } as never,
    genes: { gene_id: Array.from({ length: 20 }, (_, i) => `g${i}`), gene_name: Array(20).fill(null) },
    totals: Float64Array.of(40, 40),
    files: {},
  };
  const digits = (replicate: number) =>
    rowsOf(
      encodeReplicate(
        { kind: 'scgpt', genes: 'all', bins: 51, side: 'both', length: null },
        inputs,
        randomSource(0, 'compare'),
        replicate,
      ),
    );
  const [one, again, two] = [await digits(1), await digits(1), await digits(2)];
  assert.equal(one.csr.indptr[2], 40);
  assert.deepEqual(one.csr, again.csr);
  assert.notDeepEqual(one.csr.values, two.csr.values);
  assert.equal(one.metadata.genesUsed, 20);
});

test('subjects: the reference first; replicates by the reference’s metric; a second layout if there is one', () => {
  const config = {
    fidelity: {
      reference: null,
      metrics: ['spearman', 'pearson'],
      referenceMetric: 'pearson',
      neighbors: [15],
      bootstrap: 10,
      seeds: 3,
      controls: ['second-layout', 'depth'],
    },
    encodings: { digits: { kind: 'scgpt', side: 'both', length: null }, expression: { kind: 'lognorm' } },
    embeddings: { map: { method: 'umap', of: 'expression', engine: 'rankloom' } },
  } as unknown as FidelityConfig;
  const subjects = subjectsOf(config);
  assert.deepEqual(
    subjects.map(({ instance, role }) => [instance, role]),
    [
      ['expression', 'reference'],
      ['digits', 'encoding'],
      ['ceiling:second-layout', 'ceiling'],
      ['floor:depth', 'floor'],
    ],
  );
  assert.deepEqual(
    subjects[1].views.map(({ metric, replicate }) => [metric, replicate]),
    [
      ['spearman', 0],
      ['pearson', 0],
      ['pearson', 1],
      ['pearson', 2],
    ],
  );
  assert.equal(subjectsOf({ ...config, embeddings: {} }).length, 3);
  const some = { map: { ...config.embeddings.map, fitCells: 100 } };
  assert.equal(
    subjectsOf({ ...config, embeddings: some }).length,
    3,
    'a layout of some cells has no second one',
  );
  assert.deepEqual(subjectsOf({ ...config, fidelity: null }), []);
  const named = { ...config, fidelity: { ...config.fidelity!, reference: 'digits' } };
  assert.equal(subjectsOf(named)[0].name, 'digits');
});
