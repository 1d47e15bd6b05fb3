/** Just below and just past each number of values or pairs at which all pairs are counted in another way. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { RandomStream } from '../../lib/flow/random.ts';
import { MOST_COUNTED, oneRow, ValueCounter } from '../../lib/kernels/counts.ts';
import { BinValues } from '../../lib/pairwise/quantiles/bin-values.ts';
import { countPairs } from '../../lib/pairwise/quantiles/count-pairs.ts';
import { planCounts, sampleStep } from '../../lib/pairwise/quantiles/count-plan.ts';
import { describeDistribution, describeTypePairs } from '../../lib/pairwise/quantiles/describe.ts';
import { describePairs } from '../../lib/pairwise/quantiles/describe-pairs.ts';
import { GroupTable } from '../../lib/pairwise/quantiles/group-table.ts';
import { mergeCounts } from '../../lib/pairwise/quantiles/merged-counts.ts';
import { addNarrowCounts, narrowCounts } from '../../lib/pairwise/quantiles/narrow-counts.ts';
import type { PairCounts } from '../../lib/pairwise/quantiles/pass.ts';
import { quantilePlaces } from '../../lib/pairwise/quantiles/quantile-places.ts';
import { mergeRefinements, refine } from '../../lib/pairwise/quantiles/refinement.ts';
import { binOf, valueGrid } from '../../lib/pairwise/quantiles/value-grid.ts';
import { denseSpace } from '../../lib/pairwise/spaces/dense-space.ts';
import { checkCutoffs } from '../../lib/pairwise/thresholds/relations.ts';
import { HELD_PAIRS, planParts, planTasks, splitGroups } from '../../lib/pairwise/tiles/tasks.ts';
import { cellTypes } from '../../lib/pairwise/tiles/type-pairs.ts';
import { QUANTILES, quantilesFrom } from '../../lib/stats/quantiles.ts';
import { useKernels } from '../helpers/kernels.ts';

useKernels();

const random = (seed: number) => new RandomStream(seed, 7);

test('counts are right before and after they would leave 32 bits', async () => {
  const stream = random(1);
  const grid = valueGrid(0, 1, 256);
  const lists = Array.from({ length: 9 }, () => Float32Array.from({ length: 100 }, () => stream.float64()));
  const expected = new Float64Array(grid.bins);
  for (const list of lists) for (const value of list) expected[binOf(grid, value)]++;
  // Of 900 values in hundreds: taken out before each, after every second, never (just not and just so).
  for (const most of [99, 100, 199, 200, 899, 900, MOST_COUNTED]) {
    const counter = await ValueCounter.create(grid, 2, undefined, most);
    for (const [i, list] of lists.entries()) {
      counter.load(oneRow(list));
      // By both ways of counting, and seeking among the last ones alone.
      if (i % 2 === 0) counter.countAside(0);
      else {
        counter.count(0);
        const [{ line, below, own }] = counter.seek(0, [0, grid.bins], [50]);
        const sorted = list.slice().sort();
        const lines = (value: number) => Math.floor(binOf(grid, value) / 16);
        assert.equal(line, lines(sorted[50]));
        assert.equal(below, sorted.filter((value) => lines(value) < line).length);
        assert.equal(own, sorted.filter((value) => lines(value) === line).length);
      }
    }
    assert.deepEqual(Float64Array.from(counter.counts(0)), expected, `${most}`);
    counter.move(0, 1);
    assert.ok(counter.counts(0).every((count) => count === 0));
    assert.deepEqual(Float64Array.from(counter.counts(1)), expected, `moved, ${most}`);
    counter.load(oneRow(lists[0]));
    counter.count(0);
    counter.move(0, 1);
    const sum = Array.from(counter.counts(1)).reduce((total, count) => total + count, 0);
    assert.equal(sum, 1000);
  }
});

test('counts of any width are handed on', () => {
  for (const most of [2 ** 8, 2 ** 16, 2 ** 32, 2 ** 40]) {
    for (const largest of [most - 1, most, most + 1]) {
      const counts = Float64Array.of(0, 3, largest, 0, 1, 0);
      const sums = new Float64Array(6);
      addNarrowCounts(narrowCounts(counts), sums);
      assert.deepEqual(sums, counts);
    }
  }
});

test('bins with more values than are gathered are left to a refinement', async () => {
  const grid = valueGrid(0, 1, 64);
  const values = Float32Array.from({ length: 500 }, (_, i) => (i < 250 ? 0.5 : (i - 250) / 250)).sort();
  const counts = new Float64Array(grid.bins);
  for (const value of values) counts[binOf(grid, value)]++;
  const places = quantilePlaces(counts);
  const tied = counts[binOf(grid, 0.5)];
  const counter = await ValueCounter.create(grid, 0);
  for (const most of [tied - 1, tied]) {
    const bins = new BinValues(counter, places, () => true, most);
    bins.add(values.subarray(300));
    bins.add(values.subarray(0, 300));
    const found = bins.result();
    assert.equal(found.has(binOf(grid, 0.5)), most === tied);
    for (const [bin, own] of found) {
      assert.deepEqual(
        own,
        values.filter((value) => binOf(grid, value) === bin),
      );
    }
  }
  const none = new BinValues(counter, places, () => false);
  none.add(values);
  assert.equal(none.result().size, 0);
});

test('a sample of the pairs is all of few, and never more than 32 bits count', () => {
  assert.equal(sampleStep(1 << 22), 1);
  assert.equal(sampleStep((1 << 22) + 1), 3);
  assert.equal(sampleStep(1e9), 128);
  for (const pairs of [2 ** 38 - 1, 2 ** 38 + 1, 1e12, 1e15]) assert.ok(pairs / sampleStep(pairs) <= 2 ** 31);
});

test('parts share few groups, whatever the sizes of types', () => {
  const equal = (cells: number, types: number) =>
    Array.from({ length: types + 1 }, (_, t) => Math.floor((t * cells) / types));
  const cases = {
    'equal types of 66,000 cells': equal(66_000, 20),
    'equal types of 200,000 cells': equal(200_000, 89),
    'one type': [0, 200_000],
    'one large type and 88 small': [0, ...Array.from({ length: 89 }, (_, t) => 199_000 + t * 11)],
    '2,000 types': equal(20_000, 2000),
    'a million cells': equal(1_000_000, 40),
  };
  for (const [name, starts] of Object.entries(cases)) {
    const tasks = planTasks({ starts });
    const parts = planParts(tasks);
    assert.ok(parts.length <= 64, name);
    const split = splitGroups(tasks, parts);
    // One at each end of a part at most: what a part hands on does not depend on how many types there are.
    assert.ok(split.length < parts.length || split.length === 0, name);
    const shared = new Set(split);
    for (const { from, to } of parts) {
      const own = new Set(
        tasks
          .slice(from, to)
          .flatMap(({ piece, firstType, b }) => (piece ? [(b * (b + 1)) / 2 + firstType] : [])),
      );
      assert.ok([...own].filter((group) => shared.has(group)).length <= 2, name);
    }
    const cells = starts.at(-1)!;
    assert.equal(
      parts.reduce((sum, { pairs }) => sum + pairs, 0),
      (cells * (cells - 1)) / 2,
    );
  }
});

test('columns of groups hold what was put in, and know which were not', () => {
  const table = new GroupTable();
  for (let group = 0; group < 300; group += 3) {
    const n = group % 2;
    const quantiles = n === 0 ? null : ([1, 2, 3, 4, -0] as [number, number, number, number, number]);
    table.add(group, { n, sum: group / 7, min: -group, max: group, quantiles });
  }
  const merged = new GroupTable();
  const other = new GroupTable();
  other.add(1, { n: 1, sum: 1, min: 1, max: 1, quantiles: [1, 1, 1, 1, 1] });
  merged.addAll(other.columns());
  merged.addAll(table.columns());
  assert.equal(merged.get(2), undefined);
  assert.equal(merged.get(1000), undefined);
  assert.deepEqual(merged.get(1)!.quantiles, [1, 1, 1, 1, 1]);
  assert.deepEqual(merged.get(6), { n: 0, sum: 6 / 7, min: -6, max: 6, quantiles: null });
  assert.deepEqual(merged.get(3), { n: 1, sum: 3 / 7, min: -3, max: 3, quantiles: [1, 2, 3, 4, 0] });
});

test('cut-offs are refused when cells times cut-offs are more than is counted', () => {
  const groups = { labels: new Int32Array(100) };
  checkCutoffs([1, 2, 3], groups, 600);
  assert.throws(
    () => checkCutoffs([1, 2, 3, 4], groups, 600),
    (error: { kind?: string; expected?: string }) =>
      error.kind === 'data' && /at most 3/.test(error.expected!),
  );
  assert.throws(
    () => checkCutoffs([1], groups, 199),
    (error: { expected?: string }) => /no cut-offs/.test(error.expected!),
  );
  // With batches, and cells without, three times as many.
  const batches = Int32Array.from(groups.labels, (_, i) => (i % 2) - 1);
  assert.throws(() => checkCutoffs([1, 2], { ...groups, batches }, 1199));
  checkCutoffs([1, 2], { ...groups, batches }, 1200);
});

/** Quantiles of sorted values. */
const quantiles = (sorted: Float32Array) => quantilesFrom(sorted.length, (rank) => sorted[rank]);

/** Two types of these sizes on a line, with values that are tied or not. */
async function twoTypes(sizes: readonly [number, number], tied: boolean) {
  const stream = random(sizes[0]);
  const labels = sizes.flatMap((n, t) => new Array<string>(n).fill(`type ${t}`));
  const values = Float32Array.from(labels, () => (tied ? stream.int(3) : stream.float64()));
  const types = cellTypes(labels);
  const space = await denseSpace({ cellIds: labels, labels, dims: 1, values }, 'euclidean', types.order);
  return { labels, values, types, space };
}

for (const tied of [false, true]) {
  for (const columns of [2048, 2049]) {
    const pairs = 2048 * columns;
    const way = pairs > HELD_PAIRS ? 'not held' : 'held';
    test(`a group of ${pairs} pairs, which is ${way}: exact${tied ? ', with ties' : ''}`, async () => {
      const { values, types, space } = await twoTypes([2048, columns], tied);
      const tasks = planTasks(types);
      assert.equal(
        tasks.some(({ piece }) => piece),
        pairs > HELD_PAIRS,
      );
      const { pairs: table, distribution } = await describePairs(space, types);
      const all = new Float32Array(pairs);
      let n = 0;
      for (let i = 0; i < 2048; i++) {
        for (let j = 2048; j < 2048 + columns; j++) all[n++] = Math.abs(values[i] - values[j]);
      }
      const columnsOf = [table.q05, table.q25, table.median, table.q75, table.q95];
      const expected = quantiles(all.sort());
      for (const i of QUANTILES.keys()) {
        // The kernel's own distances are a little off: they are of what it centred.
        assert.ok(Math.abs(columnsOf[i][1] - expected[i]) < 1e-6, `${QUANTILES[i]}`);
      }
      assert.equal(table.n_pairs[1], pairs);
      assert.equal(distribution.within.n + distribution.between.n, ((2048 + columns) * (2047 + columns)) / 2);
    });
  }
}

test('a group that several parts share has the numbers of one part, and parts may be read twice', async () => {
  for (const tied of [false, true]) {
    const { labels, types, space } = await twoTypes([700, 40], tied);
    const limits = { heldPairs: 20_000, piecePairs: 30_000 };
    const tasks = planTasks(types, limits);
    const describe = async (bounds: number[], mostKept?: number) => {
      const runs = bounds.map((from, i) => ({ from, to: bounds[i + 1] ?? tasks.length }));
      const plan = await planCounts(space, types, splitGroups(tasks, runs));
      const parts: PairCounts[] = [];
      for (const { from, to } of runs)
        parts.push(await countPairs(space, types, tasks.slice(from, to), plan));
      let reads = 0;
      const again = {
        *[Symbol.iterator]() {
          reads++;
          yield* parts;
        },
      };
      const found = await mergeCounts(plan, again, mostKept);
      const size = { cells: labels.length, types: 2 };
      return {
        reads,
        split: found.split.size,
        pairs: describeTypePairs(types.names, found, []),
        distribution: describeDistribution('euclidean', size, found, []),
      };
    };
    const whole = await describe([0]);
    assert.deepEqual([whole.reads, whole.split], [1, 0]);
    const shared = await describe([0, 2, 5]);
    assert.deepEqual([shared.reads, shared.split], [1, 1]);
    const twice = await describe([0, 2, 5], 100);
    assert.deepEqual([twice.reads, twice.split], [2, 1]);
    assert.deepEqual(shared.pairs, whole.pairs);
    assert.deepEqual(twice.pairs, whole.pairs);
    assert.deepEqual(shared.distribution, whole.distribution);
    assert.deepEqual(twice.distribution, whole.distribution);
  }
});

test('a refinement reads the pairs of the groups that it is of, and of no others', async () => {
  const { types, space } = await twoTypes([60, 50], false);
  const tasks = planTasks(types, { heldPairs: 0, piecePairs: 500 });
  const grid = valueGrid(0, 1, 16);
  let read = 0;
  const counting = {
    ...space,
    tile(tile: Parameters<typeof space.tile>[0]) {
      read += (tile.rowEnd - tile.rowStart) * (tile.columnEnd - tile.columnStart);
      return space.tile(tile);
    },
  };
  const plan = { grid, scopes: [], split: [{ group: 1, runs: [] }] };
  const refinement = refine(counting, types, tasks, plan);
  assert.equal(read, 60 * 50);
  assert.equal((await mergeRefinements(plan, [refinement])).split.size, 1);
});
