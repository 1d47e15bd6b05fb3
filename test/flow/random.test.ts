import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RandomStream, randomSource, threefry } from '../../lib/flow/random.ts';
import { ToyProject } from './toy-project.ts';

test('threefry gives the known answers of the Random123 distribution', () => {
  const out = new Uint32Array(2);
  // counter, key, result: kat_vectors of Random123, threefry2x32 with 20 rounds
  const answers = [
    [0, 0, 0, 0, 0x6b200159, 0x99ba4efe],
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x1cb996fc, 0xbb002be7],
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xc4923a9c, 0x483df7a0],
  ];
  for (const [c0, c1, k0, k1, r0, r1] of answers) {
    threefry(k0, k1, c0, c1, out);
    assert.deepEqual([...out], [r0, r1]);
  }
});

test('streams depend on seed, owner and name, and on nothing else', () => {
  const draw = (seed: number, owner: string, ...name: (string | number)[]) =>
    randomSource(seed, owner)
      .stream(...name)
      .uint32();
  const draws = [
    draw(0, 'a', 'x'),
    draw(1, 'a', 'x'),
    draw(0, 'b', 'x'),
    draw(0, 'a', 'y'),
    draw(0, 'a', 'x', 1),
    draw(0, 'a', 'x', '1'),
    draw(0, 'a', 'x1'),
  ];
  assert.equal(new Set(draws).size, draws.length);
  assert.equal(draw(0, 'a', 'x'), draws[0]);
});

test('a stream at an index does not depend on what was drawn before', () => {
  const stream = randomSource(3, 'test').stream('cells');
  const fresh = stream.at(7).uint32();
  stream.uint32();
  stream.at(6).uint32();
  assert.equal(stream.at(7).uint32(), fresh);
  assert.notEqual(stream.at(8).uint32(), fresh);
  assert.notEqual(stream.at(7 + 2 ** 32).uint32(), fresh);
});

test('numbers are uniform', () => {
  const stream = randomSource(0, 'test').stream('uniform');
  const n = 60_000;
  const bins = new Int32Array(6);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    bins[stream.int(6)]++;
    sum += stream.float64();
  }
  // Chi-squared with 5 degrees of freedom: 20.5 is exceeded once in a thousand seeds; this one is fixed.
  const chi2 = bins.reduce((s, b) => s + (b - n / 6) ** 2 / (n / 6), 0);
  assert.ok(chi2 < 20.5, `chi² ${chi2}`);
  assert.ok(Math.abs(sum / n - 0.5) < 0.005);
  assert.throws(() => stream.int(0), /1 ≤ n/);
});

test('a sample has no repeats, is sorted, and takes every item equally often', () => {
  const source = randomSource(0, 'test').stream('sample');
  const seen = new Int32Array(10);
  for (let i = 0; i < 2000; i++) {
    const sample = source.at(i).sample(10, 4);
    assert.equal(new Set(sample).size, 4);
    assert.deepEqual(
      [...sample],
      [...sample].sort((a, b) => a - b),
    );
    for (const item of sample) seen[item]++;
  }
  for (const count of seen) assert.ok(Math.abs(count - 800) < 110, `${seen}`);
  assert.deepEqual([...source.sample(3, 3)], [0, 1, 2]);
  assert.deepEqual([...source.sample(3, 0)], []);
  assert.throws(() => source.sample(2, 3), RangeError);
});

test('a sample is the same whether few or many of the numbers are taken', () => {
  const byFloyd = (stream: RandomStream, n: number, k: number) => {
    const chosen = new Set<number>();
    for (let j = n - k; j < n; j++) {
      const t = stream.int(j + 1);
      chosen.add(chosen.has(t) ? j : t);
    }
    return [...chosen].sort((a, b) => a - b);
  };
  for (const [n, k] of [
    [0, 0],
    [5, 0],
    [1, 1],
    [2000, 1199],
    [320, 10],
    [321, 10],
    [100_000, 7],
    [64, 64],
  ]) {
    const sample = new RandomStream(n, k).sample(n, k);
    assert.deepEqual([...sample], byFloyd(new RandomStream(n, k), n, k), `${k} of ${n}`);
  }
});

test('a stage draws by its name, or by that of its streams', async () => {
  for (const [name, edits] of [
    ['map', []],
    ['before', [['map.ts', 'random: true,', "random: true, streams: 'before',"]]],
  ] as const) {
    const toys = await ToyProject.create(edits);
    try {
      await toys.run();
      const noise = randomSource(toys.seed, name).stream('noise');
      const expected = Array.from({ length: 25 }, (_, i) => 2 * i * i + noise.at(i).int(100));
      assert.deepEqual(toys.latest('maps/two.json'), expected);
    } finally {
      toys.remove();
    }
  }
});
