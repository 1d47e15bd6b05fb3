import assert from 'node:assert/strict';
import test from 'node:test';
import { RandomStream } from '../../lib/flow/random.ts';
import { exactQuantiles, probabilityAbove } from '../../lib/pairwise/order-statistics.ts';
import { addPackedCounts, packCounts } from '../../lib/pairwise/packed-counts.ts';
import { QUANTILES, wantedRanks } from '../../lib/pairwise/quantiles.ts';
import {
  binsOfRanks,
  COARSE_BINS,
  FINE_BITS,
  Refinement,
  refineOverlap,
  SEVERAL,
} from '../../lib/pairwise/refinement.ts';
import { Selector } from '../../lib/pairwise/select.ts';
import { evenRuns } from '../../lib/pairwise/tiles.ts';
import { keyOfValue, valueOfKey } from '../../lib/pairwise/value-order.ts';
import * as oracle from './oracle.ts';

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
  test(`quantiles are the exact order statistics: ${name}`, () => {
    const selector = new Selector();
    for (const n of [1, 2, 3, 4, 20, 21, 2047, 2048, 5000]) {
      const stream = random(n);
      const values = Float32Array.from({ length: n }, () => draw(stream));
      const expected = QUANTILES.map((p) => oracle.quantile([...values], p));
      const min = values.reduce((a, b) => Math.min(a, b));
      const max = values.reduce((a, b) => Math.max(a, b));
      const found = selector.quantiles(values, min, max);
      for (let i = 0; i < found.length; i++) {
        assert.ok(
          Math.abs(found[i] - expected[i]) <= 1e-15 * Math.abs(expected[i]),
          `${n}: ${found[i]}, ${expected[i]}`,
        );
      }
    }
  });

  test(`counted in two steps, quantiles are exact and AUROC is within its bound: ${name}`, () => {
    for (const [n, m, most] of [
      [1, 1, 1 << 22],
      [700, 900, 1 << 22],
      [700, 900, 1 << 12],
      [3, 500, 0],
    ]) {
      const stream = random(n + m);
      const x = Float32Array.from({ length: n }, () => draw(stream) * 1.1);
      const y = Float32Array.from({ length: m }, () => draw(stream));
      const coarse = [coarseOf(x), coarseOf(y)] as const;
      const resolved = new Set([
        ...binsOfRanks(coarse[0], wantedRanks(n)),
        ...binsOfRanks(coarse[1], wantedRanks(m)),
      ]);
      const runs = refineOverlap(
        coarse[0],
        coarse[1],
        [...resolved].sort((a, b) => a - b),
        { mostCells: most, block: most === 1 << 22 ? 1 : 64 },
      );
      for (let i = 1; i < runs.length; i++)
        assert.ok(runs[i - 1][0] + runs[i - 1][1] <= runs[i][0], 'runs ascend');
      const refinement = new Refinement(runs);
      assert.ok(refinement.cells <= most + resolved.size * 4096);
      const fine = [fineOf(x, refinement), fineOf(y, refinement)] as const;
      const found = exactQuantiles(refinement, coarse[0], fine[0])!;
      const expected = QUANTILES.map((p) => oracle.quantile([...x], p));
      for (let i = 0; i < found.length; i++) {
        assert.ok(Math.abs(found[i] - expected[i]) <= 1e-15 * Math.abs(expected[i]));
      }
      const { probability, errorBound } = probabilityAbove(
        refinement,
        coarse,
        fine,
        soleOf([...x, ...y], refinement),
      )!;
      const truth = oracle.probabilityAbove([...x], [...y]);
      assert.ok(
        Math.abs(probability - truth) <= errorBound + 1e-12,
        `${probability}, ${truth} ± ${errorBound}`,
      );
      if (most === 1 << 22) assert.ok(errorBound < 1e-5, `bound ${errorBound}`);
    }
  });
}

test('nothing to describe is undefined', () => {
  const none = new Float64Array(COARSE_BINS);
  const refinement = new Refinement(refineOverlap(none, none, []));
  assert.equal(exactQuantiles(refinement, none, new Float64Array(0)), undefined);
  assert.equal(
    probabilityAbove(
      refinement,
      [none, none],
      [new Float64Array(0), new Float64Array(0)],
      new Uint16Array(0),
    ),
    undefined,
  );
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

function coarseOf(values: Float32Array): Float64Array {
  const counts = new Float64Array(COARSE_BINS);
  for (const value of values) counts[keyOfValue(value) >>> FINE_BITS]++;
  return counts;
}

function fineOf(values: Float32Array, { offsets, shifts, cells }: Refinement): Float64Array {
  const counts = new Float64Array(cells);
  for (const value of values) {
    const key = keyOfValue(value);
    const bin = key >>> FINE_BITS;
    if (offsets[bin] >= 0) counts[offsets[bin] + ((key & ((1 << FINE_BITS) - 1)) >>> shifts[bin])]++;
  }
  return counts;
}

function soleOf(values: number[], { offsets, shifts, cells }: Refinement): Uint16Array {
  const held = Array.from({ length: cells }, () => 0);
  const sole = new Uint16Array(cells);
  for (const value of values) {
    const key = keyOfValue(value);
    const bin = key >>> FINE_BITS;
    if (offsets[bin] < 0) continue;
    const cell = offsets[bin] + ((key & ((1 << FINE_BITS) - 1)) >>> shifts[bin]);
    const place = (key % 2 ** shifts[bin]) + 1;
    if (held[cell]++ === 0) sole[cell] = place;
    else if (sole[cell] !== place) sole[cell] = SEVERAL;
  }
  return sole;
}
