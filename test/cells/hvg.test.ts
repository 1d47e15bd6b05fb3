import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { equalWidthEdges, seuratDispersions } from '../../lib/cells/hvg/dispersion.ts';
import type { HvgCounts, HvgInput, HvgOptions } from '../../lib/cells/hvg/flavor.ts';
import { HVG_FLAVORS } from '../../lib/cells/hvg/index.ts';
import { momentsOf } from '../../lib/cells/hvg/moments.ts';
import { highest, withinCutOffs } from '../../lib/cells/hvg/select.ts';
import type { CellSource } from '../../lib/cells/source.ts';
import { openSource } from '../../lib/data/readers/source.ts';

const root = join(import.meta.dirname, '..', '..');
const shared = join(root, '..', 'shared', 'data');
const DEFAULTS: HvgOptions = { top: 2000, minMean: 0.0125, maxMean: 3, minDisp: 0.5, bins: 20 };

/** Rows of numbers as counts, in blocks of the given size. */
function countsOf(rows: readonly (readonly number[])[], blockRows = rows.length): HvgCounts {
  return {
    rows: rows.length,
    columns: rows[0].length,
    async *blocks() {
      for (let start = 0; start < rows.length; start += blockRows) {
        const some = rows.slice(start, start + blockRows);
        const entries = some.map((row) => row.flatMap((value, g) => (value === 0 ? [] : [[g, value]])));
        const indptr = new Uint32Array(some.length + 1);
        for (const [i, row] of entries.entries()) indptr[i + 1] = indptr[i] + row.length;
        yield {
          start,
          rows: some.length,
          columns: rows[0].length,
          indptr,
          indices: Int32Array.from(entries.flat(), ([g]) => g),
          values: Float32Array.from(entries.flat(), ([, value]) => value),
        };
      }
    },
  };
}

function inputOf(counts: HvgCounts, more: Partial<HvgInput> = {}): HvgInput {
  const geneIds = Array.from({ length: counts.columns }, (_, g) => `g${String(g).padStart(4, '0')}`);
  return { counts, geneIds, annotated: geneIds.map(() => null), ...more };
}

/** |a − b| ≤ tolerance · max(1, |b|), and missing where missing. */
function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
) {
  assert.equal(actual.length, expected.length, what);
  for (let i = 0; i < expected.length; i++) {
    const same = Number.isNaN(expected[i])
      ? Number.isNaN(actual[i])
      : Math.abs(actual[i] - expected[i]) <= tolerance * Math.max(1, Math.abs(expected[i]));
    assert.ok(same, `${what}[${i}]: ${actual[i]}, expected ${expected[i]}`);
  }
}

/** A matrix of small counts that only depends on its shape. */
function someCounts(cells: number, genes: number): number[][] {
  return Array.from({ length: cells }, (_, i) =>
    Array.from({ length: genes }, (_, g) =>
      (3 * i * i + 7 * i * g + g) % (2 + g) > g / 2 ? (i * g) % 9 : 0,
    ),
  );
}

suite('seurat dispersions', () => {
  const linear = [
    [0, 2, 9, 1, 4, 0, 3, 7],
    [1, 0, 8, 1, 5, 0, 0, 2],
    [0, 4, 9, 1, 3, 0, 6, 0],
    [2, 0, 7, 1, 6, 0, 1, 9],
    [0, 1, 9, 1, 2, 0, 0, 5],
    [5, 0, 6, 1, 4, 0, 2, 1],
  ];
  const columns = linear[0].map((_, g) => linear.map((row) => row[g]));
  const mean = Float64Array.from(columns, (values) => values.reduce((a, b) => a + b) / values.length);
  const variance = Float64Array.from(
    columns,
    (values, g) => values.reduce((sum, v) => sum + (v - mean[g]) ** 2, 0) / (values.length - 1),
  );

  test('are those of a worked example', () => {
    const stats = seuratDispersions(mean, variance, 3);
    const { NaN: missing } = Number;
    assertClose(
      stats.means,
      [0.8472979, 0.7731899, 2.197225, Math.LN2, 1.609438, 1e-12, 1.098612, 1.609438],
      1e-6,
      'means',
    );
    assertClose(
      stats.dispersions,
      [1.064711, 0.788457, -1.609438, missing, -Math.LN2, missing, 0.955511, 1.163151],
      1e-6,
      'dispersions',
    );
    assertClose(
      stats.dispersionsNorm,
      [0.923465, -1.062073, -0.870469, missing, -0.221814, missing, 0.138608, 1.092283],
      1e-6,
      'normalised',
    );
    assertClose(equalWidthEdges(stats.means, 3), [-0.0022, 0.732, 1.465, 2.197], 5e-4, 'edges');
  });

  test('give a gene that is alone in its bin 1', () => {
    const stats = seuratDispersions(Float64Array.of(1, 1.1, 50), Float64Array.of(2, 4, 9), 20);
    assert.equal(stats.dispersionsNorm[2], 1);
  });

  test('bin genes of one mean as pandas does', () => {
    assertClose(equalWidthEdges(Float64Array.of(2, 2), 2), [1.998, 2, 2.002], 1e-12, 'edges');
    assertClose(equalWidthEdges(Float64Array.of(0, 0), 2), [-0.001, 0, 0.001], 1e-12, 'edges at 0');
  });

  test('leave a constant gene without a score, so that it never comes ahead', () => {
    const { dispersionsNorm } = seuratDispersions(mean, variance, 3);
    const chosen = highest(dispersionsNorm, 8);
    assert.deepEqual([chosen[3], chosen[5]], [false, false]);
    assert.equal(chosen.filter(Boolean).length, 6);
  });
});

suite('choosing', () => {
  const { NaN: missing } = Number;

  test('takes ties at the threshold', () => {
    assert.deepEqual(highest(Float64Array.of(1, 2, 2, missing, 0), 1), [false, true, true, false, false]);
    assert.deepEqual(highest(Float64Array.of(1, missing), 5), [true, false]);
    assert.deepEqual(highest(Float64Array.of(missing, missing), 5), [false, false]);
    assert.deepEqual(highest(new Float64Array(0), 5), []);
  });

  test('by cut-offs keeps what lies strictly within', () => {
    const cut = { minMean: 0.0125, maxMean: 3, minDisp: 0.5 };
    const means = Float64Array.of(0.0125, 1, 1, 3, 1, 1);
    const scores = Float64Array.of(9, 0.5, 0.51, 9, missing, Number.POSITIVE_INFINITY);
    // scanpy's upper bound of infinity is strict too, but it makes scores finite first.
    assert.deepEqual(withinCutOffs(means, scores, cut), [false, false, true, false, false, true]);
  });
});

suite('flavour seurat', () => {
  test('does not depend on how rows come in blocks', async () => {
    const rows = someCounts(60, 40);
    const whole = await HVG_FLAVORS.seurat.select(inputOf(countsOf(rows)), { ...DEFAULTS, top: 10 });
    const cut = await HVG_FLAVORS.seurat.select(inputOf(countsOf(rows, 7)), { ...DEFAULTS, top: 10 });
    assert.deepEqual(cut, whole);
  });

  test('gives duplicated genes equal scores', async () => {
    const rows = someCounts(60, 40).map((row) => [...row, row[7]]);
    const { dispersionsNorm, highlyVariable } = await HVG_FLAVORS.seurat.select(inputOf(countsOf(rows)), {
      ...DEFAULTS,
      top: 10,
    });
    assert.equal(dispersionsNorm![40], dispersionsNorm![7]);
    assert.equal(highlyVariable[40], highlyVariable[7]);
  });

  test('scores genes without counts as missing', async () => {
    const rows = someCounts(30, 20).map((row) => [...row, 0]);
    const result = await HVG_FLAVORS.seurat.select(inputOf(countsOf(rows)), DEFAULTS);
    assert.ok(Number.isNaN(result.dispersionsNorm![20]));
    assert.equal(result.highlyVariable[20], false);
  });

  test('leaves cells without counts as they are', async () => {
    const [moments] = await momentsOf(
      countsOf([
        [0, 0],
        [1, 1],
      ]),
      [0, 0],
      1,
    );
    assertClose(moments.mean, [2500, 2500], 1e-6, 'mean');
    assert.deepEqual([...moments.detected], [1, 1]);
  });

  test('with batches takes exactly as many as asked, ignoring cells of no batch', async () => {
    const rows = someCounts(60, 40);
    const batches = rows.map((_, i) => (i < 25 ? 'b' : i < 50 ? 'a' : null));
    const options = { ...DEFAULTS, top: 12 };
    const result = await HVG_FLAVORS.seurat.select(inputOf(countsOf(rows), { batches }), options);
    assert.equal(result.highlyVariable.filter(Boolean).length, 12);
    const labelled = await HVG_FLAVORS.seurat.select(
      inputOf(countsOf(rows.slice(0, 50)), { batches: batches.slice(0, 50) }),
      options,
    );
    assert.deepEqual(labelled, result);
  });

  test('refuses a single cell', async () => {
    await assert.rejects(HVG_FLAVORS.seurat.select(inputOf(countsOf([[1, 2]])), DEFAULTS), /over 1 cell/);
  });
});

suite('flavour annotated', () => {
  test('takes the flags of the data set, missing ones as false', async () => {
    const input = inputOf(countsOf([[1, 2, 3]]), { annotated: [true, null, false] });
    const { highlyVariable } = await HVG_FLAVORS.annotated.select(input, DEFAULTS);
    assert.deepEqual(highlyVariable, [true, false, false]);
  });

  test('without flags names what to do', async () => {
    await assert.rejects(
      HVG_FLAVORS.annotated.select(inputOf(countsOf([[1, 2, 3]])), DEFAULTS),
      (error: Error & { hint?: string }) => /'seurat'/.test(error.hint ?? ''),
    );
  });
});

interface GoldenCase {
  readonly name: string;
  readonly flavor: 'seurat' | 'cell_ranger' | 'seurat_v3';
  readonly file: string;
  readonly batch: string | null;
  readonly top: number | null;
  readonly genes: number;
  readonly every: number;
  readonly scores_every?: number;
  readonly highly_variable_genes: number;
  readonly highly_variable: string;
  readonly dispersions_norm?: string;
  readonly means?: string;
  readonly dispersions?: string;
}

suite("scanpy's choice on real data", () => {
  const golden = JSON.parse(readFileSync(join(root, 'test', 'golden', 'hvg', 'hvg.json'), 'utf8'));
  const unpack = (text: string) => new Uint8Array(gunzipSync(Buffer.from(text, 'base64'))).buffer;

  for (const expected of golden.cases as GoldenCase[]) {
    const path = join(shared, expected.file);
    const skip = existsSync(path) ? false : `needs ${path}`;
    test(`${expected.flavor}, ${expected.name}: flags equal, statistics within float32`, {
      skip,
    }, async () => {
      const source = await openSource(
        {
          source: path,
          matrix: 'X',
          label: 'cell_type',
          geneId: 'index',
          ...(expected.batch === null ? {} : { batch: expected.batch }),
        },
        { kind: 'file', path },
      );
      try {
        const result = await HVG_FLAVORS[expected.flavor].select(await inputFrom(source), {
          ...DEFAULTS,
          top: expected.top,
        });
        const bits = new Uint8Array(unpack(expected.highly_variable));
        const flags = Array.from({ length: expected.genes }, (_, g) => ((bits[g >> 3] >> (g & 7)) & 1) === 1);
        const differing = flags.flatMap((flag, g) => (flag === result.highlyVariable[g] ? [] : [g]));
        assert.deepEqual(differing, []);
        assert.equal(result.highlyVariable.filter(Boolean).length, expected.highly_variable_genes);
        if (expected.dispersions_norm === undefined) return;
        const sampled = (values: Float64Array, every = expected.every) =>
          values.filter((_, g) => g % every === 0);
        const norm = new Float32Array(unpack(expected.dispersions_norm));
        // Deviations within a bin of logged means are small, so the last bits of float32 logarithms weigh more there.
        const tolerance = expected.flavor === 'cell_ranger' ? 2e-5 : 2e-6;
        const scores = sampled(result.dispersionsNorm!, expected.scores_every);
        assertClose(scores, norm, tolerance, 'normalised dispersions');
        assertClose(sampled(result.means!), new Float64Array(unpack(expected.means!)), 1e-7, 'means');
        assertClose(
          sampled(result.dispersions!),
          new Float64Array(unpack(expected.dispersions!)),
          1e-6,
          'dispersions',
        );
      } finally {
        await source.close();
      }
    });
  }
});

async function inputFrom(source: CellSource): Promise<HvgInput> {
  const geneIds = await source.geneIds();
  const batches = await source.batches();
  return {
    counts: { rows: source.cells, columns: source.genes, blocks: () => source.rows() },
    geneIds,
    annotated: geneIds.map(() => null),
    ...(batches === undefined ? {} : { batches }),
  };
}

suite('ties', () => {
  const scores = (values: number[]) => Float64Array.from(values);

  test('what is equal but for rounding is chosen together, or not at all', () => {
    const up = Math.SQRT1_2 + 1e-15;
    assert.deepEqual(highest(scores([up, Math.SQRT1_2, 2, -1]), 2), [true, true, true, false]);
    assert.deepEqual(highest(scores([Math.SQRT1_2, up, 2, -1]), 2), [true, true, true, false]);
    assert.deepEqual(
      highest(scores([0.7, Math.SQRT1_2, 2]), 2),
      [false, true, true],
      'a real difference decides',
    );
    const cut = { minMean: 0, maxMean: 9, minDisp: 0.5 };
    assert.deepEqual(withinCutOffs(scores([1, 1, 1]), scores([0.5 + 1e-16, 0.5 + 2e-15, 0.5001]), cut), [
      false,
      false,
      true,
    ]);
  });

  test('both genes of a bin of two score alike, whichever dispersions they have', () => {
    // Pairs of genes of about one mean, the pairs far apart: as many bins of two.
    const mean: number[] = [];
    const variance: number[] = [];
    for (let b = 0; b < 20; b++) {
      mean.push(Math.expm1(b + 1), Math.expm1(b + 1.01));
      variance.push(mean[2 * b] * (1.3 + b / 7), mean[2 * b + 1] * (3.1 + b / 3));
    }
    const { dispersionsNorm } = seuratDispersions(scores(mean), scores(variance), 60);
    const higher = highest(dispersionsNorm, 1);
    assert.deepEqual(
      higher,
      mean.map((_, g) => g % 2 === 1),
      'one asked for, the twenty that tie given',
    );
  });

  test('a batch that is too small for its own bins is named, with advice that helps', async () => {
    const rows = someCounts(40, 60);
    const batches = rows.map((_, i) => (i === 39 ? 'lone' : `b${i % 2}`));
    const input = inputOf(countsOf(rows), { batches });
    const options = { ...DEFAULTS, top: 10 };
    await assert.rejects(HVG_FLAVORS.cell_ranger.select(input, options), {
      message: /in the batch "lone" \(1 cell\)/,
      hint: /hvg\.batchAware to false.*'seurat'/,
    });
    assert.ok((await HVG_FLAVORS.seurat.select(input, options)).highlyVariable.includes(true));
    const { batches: _, ...all } = input;
    const whole = await HVG_FLAVORS.cell_ranger.select(all, options).catch((error: Error) => error);
    if (whole instanceof Error) assert.doesNotMatch(whole.message, /batch/);
  });
});
