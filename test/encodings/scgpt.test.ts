/** scgpt: fixtures by hand, edges beside numpy's by definition, chance, and what the model reads. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { QuantileBins } from '../../lib/encodings/quantile-bins.ts';
import { randomSource } from '../../lib/flow/random.ts';
import { encode, modelOf, scratchFile, someCounts } from './encode.ts';

const close = (found: readonly number[], expected: readonly number[], tolerance = 1e-6) => {
  assert.equal(found.length, expected.length);
  for (const [i, x] of expected.entries())
    assert.ok(Math.abs(found[i] - x) <= tolerance * Math.max(1, Math.abs(x)), `at ${i}: ${found[i]}, ${x}`);
};
const scgpt = (options = {}) => ({ kind: 'scgpt', side: 'one', length: null, ...options });

/** Edges not above, and edges below, each of the values that the bins were made for. */
function placed(bins: QuantileBins, values: Float64Array): { left: number[]; right: number[] } {
  const left = new Uint16Array(values.length);
  const right = new Uint16Array(values.length);
  bins.place(values, values.length, left, right);
  return { left: [...left], right: [...right] };
}

test('scgpt: edges and digits of a cell with ties', async () => {
  const bins = new QuantileBins(4, 5);
  const values = [1, 1, 1, 2, 5];
  bins.fit(Float64Array.from(values), 5);
  close([...bins.edges], [1, 1, 5 / 3, 5]);
  assert.deepEqual(placed(bins, Float64Array.from(values)), {
    left: [2, 2, 2, 3, 4],
    right: [0, 0, 0, 3, 3],
  });
  assert.deepEqual((await encode(scgpt({ bins: 5 }), [[0, ...values]])).dense, [[0, 2, 2, 2, 3, 4]]);
});

test('scgpt: digits of 1 … 100 in 51 bins', async () => {
  const [digits] = (await encode(scgpt(), [Array.from({ length: 100 }, (_, i) => i + 1)])).dense;
  assert.deepEqual(
    [0, 1, 2, 49, 98, 99].map((i) => digits[i]),
    [1, 1, 1, 25, 49, 50],
  );
});

test('scgpt: edges are those of numpy.quantile for whole, large, fractional and mixed values', () => {
  const stream = randomSource(1, 'test').stream('bins');
  const draws: (() => number)[] = [
    () => 1 + stream.int(4),
    () => [1, 2, 1023, 1024, 5000][stream.int(5)],
    () => 2000 + stream.int(9),
    () => 0.5 + stream.int(20) / 4,
  ];
  for (const draw of draws) {
    for (const n of [1, 2, 3, 49, 50, 51, 200]) {
      const values = Float64Array.from({ length: n }, draw);
      const bins = new QuantileBins(50, 300);
      bins.fit(values, n);
      const sorted = values.toSorted();
      const edges = Array.from({ length: 50 }, (_, i) => {
        const at = (n - 1) * (i === 49 ? 1 : i * (1 / 49));
        const low = Math.floor(at);
        const [a, b, t] = [sorted[low], sorted[Math.min(low + 1, n - 1)], at - low];
        return t >= 0.5 ? b - (b - a) * (1 - t) : a + (b - a) * t;
      });
      assert.deepEqual([...bins.edges], edges);
      assert.deepEqual(placed(bins, values), {
        left: Array.from(values, (value) => edges.filter((edge) => edge <= value).length),
        right: Array.from(values, (value) => edges.filter((edge) => edge < value).length),
      });
    }
  }
});

test('scgpt: equal values have digits uniform on 1 … 50, values that equal no two edges have but one', async () => {
  const rows = Array.from({ length: 400 }, () => new Array(25).fill(3));
  const { dense } = await encode(scgpt({ side: 'both' }), rows);
  const seen = new Array(51).fill(0);
  for (const digit of dense.flat()) seen[digit]++;
  assert.equal(seen[0], 0);
  for (let digit = 1; digit <= 50; digit++)
    assert.ok(seen[digit] > 140 && seen[digit] < 260, `${digit}: ${seen[digit]}`);

  const distinct = [Array.from({ length: 80 }, (_, i) => 3 * i + 1)];
  assert.deepEqual(
    (await encode(scgpt({ side: 'both' }), distinct)).dense,
    (await encode(scgpt(), distinct)).dense,
  );
});

test('scgpt: chance depends on the seed and the cell alone', async () => {
  const rows = someCounts(6, 60);
  const cells = rows.map((_, c) => `c${c}`);
  const options = scgpt({ side: 'both', length: 10 });
  const { dense } = await encode(options, rows, { cells });
  const reversed = await encode(options, rows.toReversed(), { cells: cells.toReversed() });
  assert.deepEqual(reversed.dense, dense.toReversed());
  assert.notDeepEqual((await encode(options, rows, { cells, seed: 1 })).dense, dense);
});

test('scgpt: the model reads <cls> and the genes of the vocabulary; too many are left out by chance', async () => {
  const vocab = scratchFile('vocab.json', { g3: 2, g1: 0, g0: 1 });
  const rows = [
    [4, 2, 9, 0],
    [0, 0, 7, 0],
    [1, 1, 1, 1],
  ];
  const encoded = await encode(scgpt({ vocab }), rows);
  // <pad>, <cls> and <eoc> are added after the three genes.
  assert.deepEqual(encoded.encoder.modelNotes, { tokens: '6', pad: '3', cls: '4' });
  assert.deepEqual(modelOf(encoded), [
    [
      [4, -2],
      [1, 50],
      [0, 1],
    ],
    [],
    [
      [4, -2],
      [1, 50],
      [0, 50],
      [2, 50],
    ],
  ]);
  assert.equal(encoded.encoder.metadata.genesUsed, 3);
  assert.equal((await encode(scgpt(), rows)).model, undefined);
  const special = await encode(
    scgpt({ vocab: scratchFile('v.json', { '<cls>': 0, g0: 1, '<pad>': 2, '<eoc>': 3 }) }),
    rows,
  );
  assert.deepEqual(special.encoder.modelNotes, { tokens: '4', pad: '2', cls: '0' });

  const many = someCounts(20, 90);
  const all = await encode(scgpt(), many);
  const cut = await encode(scgpt({ length: 8 }), many);
  for (const [c, row] of cut.dense.entries()) {
    assert.equal(row.filter((x) => x > 0).length, Math.min(7, all.dense[c].filter((x) => x > 0).length));
    for (const [g, digit] of row.entries()) if (digit > 0) assert.equal(digit, all.dense[c][g]);
  }
});
