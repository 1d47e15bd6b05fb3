import assert from 'node:assert/strict';
import test from 'node:test';
import { RandomStream } from '../../lib/flow/random.ts';
import { oneRow, ValueCounter, type ValueRows } from '../../lib/kernels/counts.ts';
import { GroupQuantiles, RANKED, WANTED } from '../../lib/pairwise/quantiles/group-quantiles.ts';
import { HeldValues, MOST_HELD } from '../../lib/pairwise/quantiles/held-values.ts';
import { addNarrowCounts, narrowCounts } from '../../lib/pairwise/quantiles/narrow-counts.ts';
import { addPackedCounts, packCounts } from '../../lib/pairwise/quantiles/packed-counts.ts';
import { binOf, firstKeyOf, valueGrid } from '../../lib/pairwise/quantiles/value-grid.ts';
import { keyOfBits, valueOfKey } from '../../lib/pairwise/quantiles/value-order.ts';
import { evenRuns } from '../../lib/pairwise/tiles/tiles.ts';
import { QUANTILES } from '../../lib/stats/quantiles.ts';
import { useKernels } from '../helpers/kernels.ts';
import * as oracle from './oracle.ts';

const keyOfValue = (value: number) => keyOfBits(new Uint32Array(Float32Array.of(value).buffer)[0]);

useKernels();

const random = (seed: number) => new RandomStream(seed, 2);

test('the order of floats as whole numbers ascends with their value and leads back', () => {
  const stream = random(1);
  const values = [0, 1, -1, 1e-45, -1e-45, 3.4e38, -3.4e38, Number.POSITIVE_INFINITY, 0.1, -0.1];
  for (let i = 0; i < 1000; i++) values.push((stream.float64() - 0.5) * 10 ** (stream.int(60) - 30));
  const floats = Float32Array.from(values).sort();
  for (let i = 0; i < floats.length; i++) {
    assert.equal(valueOfKey(keyOfValue(floats[i])), floats[i]);
    if (i > 0) assert.ok(floats[i] === floats[i - 1] || keyOfValue(floats[i]) > keyOfValue(floats[i - 1]));
  }
});

test('packed counts unpack to themselves, and add', () => {
  const stream = random(2);
  for (const n of [0, 1, 5, 3000, 20_000]) {
    const counts = new Uint32Array(n);
    for (let i = 0; i < n; i++) {
      const kind = stream.int(20);
      counts[i] = kind < 15 ? 0 : kind < 19 ? stream.int(300) : stream.uint32();
    }
    const sums = new Float64Array(n);
    addPackedCounts(packCounts(counts), sums);
    assert.deepEqual(sums, Float64Array.from(counts));
    addPackedCounts(packCounts(counts), sums);
    assert.deepEqual(
      sums,
      Float64Array.from(counts, (count) => 2 * count),
    );
  }
  assert.throws(
    () => addPackedCounts(packCounts(new Uint32Array(3)), new Float64Array(4)),
    /3 packed counts/,
  );
});

const SHAPES: Record<string, (stream: RandomStream) => number> = {
  uniform: (stream) => stream.float64(),
  'of both signs': (stream) => stream.float64() + stream.float64() - 1,
  'mostly tied': (stream) => stream.int(4) / 4,
  constant: () => 0.25,
  'heavy of tail': (stream) => 1 / (stream.float64() + 1e-9) ** 3,
};

for (const [name, draw] of Object.entries(SHAPES)) {
  test(`quantiles of a group are the exact order statistics: ${name}`, async () => {
    for (const n of [1, 2, 3, 4, 5, 20, 21, 4095, 4096, 6001]) {
      const stream = random(n);
      const values = Float32Array.from({ length: n }, () => draw(stream));
      const sorted = values.slice().sort();
      const grids = [
        valueGrid(sorted[0], sorted[n - 1], 1 << 12),
        valueGrid(sorted[n >> 2], sorted[n >> 1], 8),
        valueGrid(10, 20, 8),
      ];
      for (const grid of grids) {
        const counter = await ValueCounter.create(grid, 2);
        const groups = new GroupQuantiles(counter);
        const held = new HeldValues([
          [0, 1],
          [3, 5],
        ]);
        const found = groups.of(oneRow(values), 0, held);
        for (const [i, p] of QUANTILES.entries()) {
          const expected = oracle.quantile([...values], p);
          assert.ok(Math.abs(found.quantiles![i] - expected) <= 1e-15 * Math.abs(expected), `${n} ${p}`);
        }
        assert.deepEqual([found.n, found.min, found.max], [n, sorted[0], sorted[n - 1]]);
        const sum = values.reduce((a, b) => a + b, 0);
        assert.ok(Math.abs(found.sum - sum) <= 1e-12 * n * Math.abs(sum) + 1e-12);
        const counts = new Uint32Array(grid.bins);
        for (const value of values) counts[binOf(grid, value)]++;
        assert.deepEqual(counter.counts(0).slice(), counts);
        assert.deepEqual(
          held.values(),
          values.filter((value) => [0, 3, 4].includes(binOf(grid, value))),
        );
        // Nothing but what is to be held stays marked, and later groups do not see this one.
        counter.load(oneRow(values));
        const inLines = values.filter((value) => binOf(grid, value) < 16).length;
        assert.equal(counter.gather(WANTED), inLines);
        assert.equal(counter.gather(RANKED), 0);
        const again = groups.of(oneRow(values), 0, held);
        assert.deepEqual(again, found);
      }
    }
  });
}

test('values sort as numbers do, ties, zeros and signs included', async () => {
  const stream = random(6);
  const counter = await ValueCounter.create(valueGrid(0, 1, 8), 0);
  for (const n of [0, 1, 127, 128, 129, 5000]) {
    for (const draw of [
      ...Object.values(SHAPES),
      () => (stream.float64() - 0.5) * 10 ** (stream.int(70) - 35),
    ]) {
      const values = Float32Array.from({ length: n }, () => draw(stream));
      counter.load(oneRow(values));
      assert.deepEqual(counter.sorted().slice(), values.slice().sort());
    }
  }
});

test('values are counted and gathered where they lie, rows of any length and triangles', async () => {
  const values = Float32Array.from({ length: 40 * 40 }, (_, i) => ((i * 7919) % 1600) / 1600);
  const counter = await ValueCounter.create(valueGrid(0, 1, 64), 1);
  for (const upper of [false, true]) {
    for (const [first, rows, columns] of [
      [0, 7, 13],
      [41, 5, 5],
      [3, 1, 1],
      [2, 3, 32],
      [0, 0, 4],
    ] as const) {
      const block: ValueRows = { values, first, rows, columns, stride: 40, upper, inKernel: false };
      const expected: number[] = [];
      for (let row = 0; row < rows; row++) {
        for (let k = upper ? row : 0; k < columns; k++) expected.push(values[first + row * 40 + k]);
      }
      assert.equal(counter.load(block), expected.length);
      assert.deepEqual(counter.sorted(), Float32Array.from(expected).sort());
      if (expected.length === 0) continue;
      counter.counts(0).fill(0);
      const { sum, min, max } = counter.count(0);
      assert.deepEqual([min, max], [Math.min(...expected), Math.max(...expected)]);
      assert.ok(Math.abs(sum - expected.reduce((a, b) => a + b, 0)) < 1e-9);
      const counts = new Uint32Array(64);
      for (const value of expected) counts[binOf(counter.grid, value)]++;
      assert.deepEqual(counter.counts(0).slice(), counts);
    }
  }
});

test('no value leaves a group without quantiles', async () => {
  const counter = await ValueCounter.create(valueGrid(0, 1, 8), 2);
  assert.equal(
    new GroupQuantiles(counter).of(oneRow(new Float32Array(0)), 0, new HeldValues([])).quantiles,
    null,
  );
});

test('the bin of a value is where its key says, for any grid', () => {
  const stream = random(4);
  for (const grid of [
    valueGrid(-1, 1, 1 << 18),
    valueGrid(0, 1e-20, 64),
    valueGrid(2, 2, 16),
    valueGrid(-1e15, 1e15, 8),
  ]) {
    assert.equal(firstKeyOf(grid, 0), keyOfValue(-3.4028234663852886e38));
    assert.equal(firstKeyOf(grid, grid.bins), keyOfValue(3.4028234663852886e38) + 1);
    for (let i = 0; i < 200; i++) {
      const value = Math.fround((stream.float64() - 0.3) * 10 ** (stream.int(40) - 25));
      const bin = binOf(grid, value);
      assert.ok(firstKeyOf(grid, bin) <= keyOfValue(value));
      assert.ok(keyOfValue(value) < firstKeyOf(grid, bin + 1));
    }
  }
});

test('too many values are not held', () => {
  const held = new HeldValues([[0, 1]]);
  for (let i = 0; i < 1 << 11; i++) held.add(new Float32Array(1 << 10));
  assert.equal(held.values()!.length, MOST_HELD);
  held.add(Float32Array.of(0));
  assert.equal(held.values(), null);
});

test('runs of nearly equal cost hold every item once', () => {
  const stream = random(5);
  for (const n of [0, 1, 2, 10, 500]) {
    const costs = Array.from({ length: n }, () => stream.int(100));
    const runs = evenRuns(costs, 200, 7);
    assert.ok(runs.length <= 7);
    let at = 0;
    for (const [from, to] of runs) {
      assert.equal(from, at);
      at = to;
    }
    assert.equal(at, n);
  }
});

test('counts for the merge are as narrow as they can be, and add', () => {
  for (const most of [0, 1, 255, 256, 65535, 65536, 2 ** 32 - 1]) {
    for (const at of [0, 3, 9]) {
      const counts = new Uint32Array(10);
      counts[at] = most;
      counts[5] = Math.min(most, 1);
      const narrow = narrowCounts(counts);
      assert.ok(narrow.counts.length <= 7);
      assert.equal(narrow.counts.BYTES_PER_ELEMENT, most < 256 ? 1 : most < 65536 ? 2 : 4);
      const sums = new Float64Array(10).fill(1);
      addNarrowCounts(narrow, sums);
      assert.deepEqual(
        sums,
        Float64Array.from(counts, (count) => count + 1),
      );
    }
  }
  assert.throws(() => addNarrowCounts(narrowCounts(new Uint32Array(3)), new Float64Array(4)), /3 counts/);
});
