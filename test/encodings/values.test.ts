/** counts, lognorm, rank: the encodings that are numbers only. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { MatrixInput } from '../../lib/data/kinds/types.ts';
import { highlyExpressed, totalsWithout } from '../../lib/encodings/highly-expressed.ts';
import { randomSource } from '../../lib/flow/random.ts';
import { csr, encode, someCounts } from './encode.ts';

const close = (found: number[], expected: number[], tolerance = 1e-6) => {
  assert.equal(found.length, expected.length);
  for (const [i, x] of expected.entries()) {
    assert.ok(
      Math.abs(found[i] - x) <= tolerance * Math.max(1, Math.abs(x)),
      `at ${i}: ${found[i]}, expected ${x}`,
    );
  }
};

function pearson(a: number[], b: number[]): number {
  const n = a.length;
  const ma = a.reduce((s, x) => s + x, 0) / n;
  const mb = b.reduce((s, x) => s + x, 0) / n;
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < n; i++) {
    ab += (a[i] - ma) * (b[i] - mb);
    aa += (a[i] - ma) ** 2;
    bb += (b[i] - mb) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

/** Ranks by definition: 1 + smaller values + half the other equal ones. */
function averageRanks(row: readonly number[]): number[] {
  return row.map((x) => 1 + row.filter((y) => y < x).length + (row.filter((y) => y === x).length - 1) / 2);
}

test('counts are kept as they are, for the used genes', async () => {
  const { dense, encoder } = await encode(
    { kind: 'counts' },
    [
      [0, 3, 1],
      [0, 0, 0],
      [2, 0, 7],
    ],
    { used: [1, 0, 1] },
  );
  assert.deepEqual(dense, [
    [0, 0, 1],
    [0, 0, 0],
    [2, 0, 7],
  ]);
  assert.equal(encoder.metadata.genesUsed, 2);
  assert.equal(encoder.columns, 3);
});

test('lognorm divides by the total over all genes, not by the row sum', async () => {
  const { dense } = await encode({ kind: 'lognorm' }, [[1, 0, 3]], { totals: [2000], used: [0, 1, 1] });
  close(dense[0], [0, 0, Math.log1p(15)]);
});

test('lognorm to the median total equals scanpy normalize_total with no target', async () => {
  const rows = [
    [3, 3, 3, 6, 6],
    [1, 1, 1, 2, 2],
    [1, 22, 1, 2, 2],
  ];
  const { dense } = await encode({ kind: 'lognorm', target: 'median' }, rows);
  const expected = [
    [3, 3, 3, 6, 6],
    [3, 3, 3, 6, 6],
    [0.75, 16.5, 0.75, 1.5, 1.5],
  ];
  for (const [c, row] of expected.entries()) close(dense[c], row.map(Math.log1p));
});

test('lognorm without highly expressed genes in the totals equals scanpy normalize_total, which scales them too', async () => {
  const rows = [
    [3, 3, 3, 6, 6],
    [1, 1, 1, 2, 2],
    [1, 22, 1, 2, 2],
  ];
  const options = { kind: 'lognorm', target: 1, excludeAbove: 0.2 };
  const { dense, encoder } = await encode(options, rows);
  const expected = [
    [0.5, 0.5, 0.5, 1, 1],
    [0.5, 0.5, 0.5, 1, 1],
    [0.5, 11, 0.5, 1, 1],
  ];
  for (const [c, row] of expected.entries()) close(dense[c], row.map(Math.log1p));
  assert.equal(encoder.notes?.excluded, 'g1, g3, g4');

  const median = await encode({ ...options, target: 'median' }, rows);
  // What is left of the totals: 6, 2, 2.
  for (const [c, row] of expected.entries())
    close(
      median.dense[c],
      row.map((x) => Math.log1p(2 * x)),
    );
  const some = await encode(options, rows, { used: [1, 0, 0, 1, 0] });
  close(some.dense[2], [Math.log1p(0.5), 0, 0, Math.log1p(1), 0]);
});

test('a share is of all that a cell counts, and what just reaches it is not excluded', async () => {
  const options = { kind: 'lognorm', target: 1, excludeAbove: 0.5 };
  const { dense, encoder } = await encode(options, [
    [5, 4, 1],
    [0, 0, 3],
  ]);
  assert.equal(encoder.notes?.excluded, 'g2', '5 of 10 is not more than half');
  close(dense[0], [5 / 9, 4 / 9, 1 / 9].map(Math.log1p));
  close(dense[1], [0, 0, Math.log1p(3)], 1e-6); // as in scanpy, a cell of excluded genes alone is not scaled
  const wide = await encode(options, [[5, 4, 1]], { totals: [8] });
  assert.equal(wide.encoder.notes?.excluded, 'g0');
  const none = await encode(options, []);
  assert.equal(none.encoder.notes?.excluded, '');
});

test('which genes are highly expressed is found over all blocks', async () => {
  const blocks = [
    csr([[9, 1, 0]]),
    csr([
      [1, 0, 9],
      [0, 2, 2],
    ]),
  ];
  const counts = {
    kind: 'matrix',
    open: async () => ({
      columns: 3,
      async *blocks() {
        yield { ...blocks[0], start: 0 };
        yield { ...blocks[1], start: 1 };
      },
      close: async () => {},
    }),
  } as unknown as MatrixInput;
  const totals = Float64Array.of(10, 10, 4);
  const excluded = await highlyExpressed(counts, totals, 0.6);
  assert.deepEqual([...excluded], [1, 0, 1]);
  assert.deepEqual([...(await totalsWithout(counts, totals, excluded))], [1, 0, 2]);
});

test('lognorm gives the same for counts below and above its table', async () => {
  const row = [1, 63, 64, 65, 5000, 2.5];
  const { dense } = await encode({ kind: 'lognorm', target: 100 }, [row, row], { totals: [50, 200] });
  close(
    dense[0],
    row.map((x) => Math.log1p(x * 2)),
  );
  close(
    dense[1],
    row.map((x) => Math.log1p(x / 2)),
  );
});

test('ranks are average ranks minus the rank of zeros', async () => {
  const { dense, encoder } = await encode({ kind: 'rank' }, [
    [0, 0, 0, 2, 5],
    [0, 1, 0, 3, 3],
  ]);
  assert.deepEqual(dense, [
    [0, 0, 0, 2, 3],
    [0, 1.5, 0, 3, 3],
  ]);
  assert.equal(encoder.metadata.genesUsed, 5);
  // scipy.stats.spearmanr of these rows.
  assert.ok(Math.abs(pearson(dense[0], dense[1]) - 0.8838834764831843) < 1e-15);
});

test('ranks equal their definition for small, large, fractional and mixed values, with any share of zeros', async () => {
  const stream = randomSource(1, 'test').stream('ranks');
  const draw: Record<string, () => number> = {
    small: () => stream.int(4),
    'with large ones': () => [0, 1, 1, 2, 1023, 1024, 1024, 2000, 16777216][stream.int(9)],
    fractional: () => stream.int(9) / 4,
    'no zeros': () => 1 + stream.int(5),
    'all zeros': () => 0,
    'all equal': () => 3,
  };
  for (const [name, value] of Object.entries(draw)) {
    const rows = Array.from({ length: 20 }, () => Array.from({ length: 30 }, value));
    const { dense } = await encode({ kind: 'rank' }, rows);
    for (const [c, row] of rows.entries()) {
      const zeros = row.filter((x) => x === 0).length;
      assert.deepEqual(
        dense[c],
        averageRanks(row).map((r) => r - (zeros + 1) / 2),
        `${name}, row ${c}`,
      );
    }
  }
});

test('ranks are over the used genes only', async () => {
  const { dense } = await encode({ kind: 'rank' }, [[9, 0, 2, 5, 5]], { used: [0, 1, 1, 1, 1] });
  assert.deepEqual(dense, [[0, 0, 1, 2.5, 2.5]]);
});

test('a cell without counts, and no cell at all, encode to nothing', async () => {
  for (const kind of ['counts', 'lognorm', 'rank']) {
    const empty = await encode({ kind }, [
      [0, 0],
      [0, 0],
    ]);
    assert.deepEqual(empty.dense, [
      [0, 0],
      [0, 0],
    ]);
    assert.equal((await encode({ kind }, [])).matrix.rows, 0);
  }
});

test('ranks do not change when counts are scaled or their logarithm is taken', async () => {
  const rows = someCounts(20, 40);
  const ranks = (await encode({ kind: 'rank' }, rows)).dense;
  for (const change of [(x: number) => 7 * x, (x: number) => x / 3, Math.log1p]) {
    assert.deepEqual(
      (
        await encode(
          { kind: 'rank' },
          rows.map((row) => row.map(change)),
        )
      ).dense,
      ranks,
    );
  }
});

test('permuting genes permutes values and ranks', async () => {
  const rows = someCounts(5, 12);
  const permutation = randomSource(2, 'test')
    .stream('genes')
    .shuffle(Array.from({ length: 12 }, (_, g) => g));
  const permuted = rows.map((row) => permutation.map((g) => row[g]));
  for (const kind of ['counts', 'lognorm', 'rank']) {
    const straight = (await encode({ kind }, rows)).dense;
    assert.deepEqual(
      (await encode({ kind }, permuted)).dense,
      straight.map((row) => permutation.map((g) => row[g])),
    );
  }
});

test('with ever more genes without counts, Spearman tends to the overlap of detected genes', async () => {
  const zeros = new Array<number>(2_000_000).fill(0);
  const a = [1, 2, 3, 4, 0, 0, 0].concat(zeros);
  const b = [4, 0, 0, 1, 2, 3, 9].concat(zeros);
  const { dense } = await encode({ kind: 'rank' }, [a, b]);
  assert.ok(Math.abs(pearson(dense[0], dense[1]) - 2 / Math.sqrt(4 * 5)) < 1e-5);
});
