/** Worked examples of the flavours `cell_ranger` and `seurat_v3`; hvg.test.ts has real data. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cellRangerDispersions, percentileEdges } from '../../lib/cells/hvg/dispersion.ts';
import type { HvgInput } from '../../lib/cells/hvg/flavor.ts';
import { HVG_FLAVORS } from '../../lib/cells/hvg/index.ts';
import { expectedDeviation } from '../../lib/cells/hvg/seurat-v3.ts';
import hvg from '../../stages/hvg.ts';
import { csr } from '../encodings/encode.ts';

const OPTIONS = { top: 10, bins: 20, minMean: 0.0125, maxMean: 3, minDisp: 0.5 };

function inputOf(rows: number[][], batches?: (string | null)[]): HvgInput {
  const block = csr(rows);
  return {
    counts: {
      rows: rows.length,
      columns: block.columns,
      async *blocks() {
        yield { start: 0, ...block };
      },
    },
    geneIds: rows[0].map((_, g) => `g${g}`),
    annotated: rows[0].map(() => null),
    ...(batches === undefined ? {} : { batches }),
  };
}

/** 12 cells × 40 genes; gene 5 is constant, and one count of gene 20 is large. */
const M = Array.from({ length: 12 }, (_, i) =>
  Array.from({ length: 40 }, (_, j) =>
    j === 5 ? 2 : i === 0 && j === 20 ? 90 : (i + j) % 3 === 0 ? 0 : (3 * i * i + 7 * i * j + j) % (2 + j),
  ),
);

function momentsOf(rows: number[][]) {
  const columns = rows[0].map((_, j) => rows.map((row) => row[j]));
  const mean = Float64Array.from(columns, (column) => column.reduce((a, b) => a + b) / rows.length);
  const variance = Float64Array.from(
    columns,
    (column, j) => column.reduce((sum, v) => sum + (v - mean[j]) ** 2, 0) / (rows.length - 1),
  );
  return { mean, variance };
}

function assertClose(actual: ArrayLike<number>, expected: readonly number[], tolerance: number) {
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs(actual[i] - value) <= tolerance, `[${i}]: ${actual[i]}, expected ${value}`);
  }
}

test('seurat_v3: expected variances, normalised variances and order of a worked example', async () => {
  const fit = expectedDeviation(momentsOf(M)).map((deviation) => 2 * Math.log10(deviation));
  assertClose(fit, [-0.615942256351, -0.125440745484, 0.353075542027, 0.189308747306, 0.543029285435], 1e-11);
  assert.equal(fit[5], 0, 'a gene that does not vary is divided by 1');
  const result = await HVG_FLAVORS.seurat_v3.select(inputOf(M), OPTIONS);
  const scores = result.dispersionsNorm!;
  assertClose(
    scores,
    [1.001194150261, 0.970818508107, 0.752659495622, 1.112098304641, 1.145593935432, 0],
    1e-11,
  );
  const best = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a]);
  assert.deepEqual(best.slice(0, 10), [17, 21, 39, 20, 9, 24, 33, 29, 4, 3]);
  assertClose(
    best.slice(0, 8).map((g) => scores[g]),
    [
      2.038782518482, 1.507543946742, 1.454419039011, 1.435155247221, 1.318695520632, 1.281388379447,
      1.25416925957, 1.239729424677,
    ],
    1e-11,
  );
  assert.deepEqual(
    result.highlyVariable.flatMap((chosen, g) => (chosen ? [g] : [])),
    best.slice(0, 10).sort((a, b) => a - b),
  );
});

test('seurat_v3: equal genes have equal scores, a constant one comes after all that vary', async () => {
  const rows = M.map((row) => [...row, row[17]]);
  const { dispersionsNorm, highlyVariable } = await HVG_FLAVORS.seurat_v3.select(inputOf(rows), {
    ...OPTIONS,
    top: 40,
  });
  assert.equal(dispersionsNorm![40], dispersionsNorm![17]);
  assert.deepEqual(
    highlyVariable.flatMap((chosen, g) => (chosen ? [] : [g])),
    [5],
  );
});

test('seurat_v3: means and variances over all batches, cells without a batch left out; a batch of one is refused', async () => {
  const batches = M.map((_, i) => (i < 5 ? 'a' : i < 10 ? 'b' : null));
  const { means, dispersions, highlyVariable } = await HVG_FLAVORS.seurat_v3.select(
    inputOf(M, batches),
    OPTIONS,
  );
  const { mean, variance } = momentsOf(M.slice(0, 10));
  assertClose(means!, [...mean], 1e-12);
  assertClose(dispersions!, [...variance], 1e-9);
  assert.equal(highlyVariable.filter(Boolean).length, 10);
  const lonely = M.map((_, i) => (i === 3 ? 'a' : 'b'));
  await assert.rejects(HVG_FLAVORS.seurat_v3.select(inputOf(M, lonely), OPTIONS), /batch "a" has 1 cell/);
});

test('cell_ranger: bins and scores of a worked example', () => {
  const { mean, variance } = momentsOf(M);
  const edges = percentileEdges(mean);
  const sizes = Array.from({ length: 20 }, (_, b) =>
    mean.reduce((n, value) => n + Number(value > edges[b] && value <= edges[b + 1]), 0),
  );
  assert.deepEqual(sizes, [4, 2, 2, 2, 2, 2, 2, 2, 2, 3, 1, 2, 2, 3, 1, 2, 2, 2, 2, 0]);
  const { dispersionsNorm } = cellRangerDispersions(mean, variance, 20);
  const z = 0.67448975;
  assertClose(dispersionsNorm, [-z, -z, z, 1.58207522, z, -z], 1e-8);
  assertClose([dispersionsNorm[35], dispersionsNorm[3]], [1.92249186, 1.58207522], 1e-8);
  assert.equal(dispersionsNorm.filter((score) => score > z + 1e-6).length, 2);
});

test('cell_ranger: genes of equal means are refused, with what to do', async () => {
  const linear = [
    [0, 2, 9, 1, 4, 0, 3, 7],
    [1, 0, 8, 1, 5, 0, 0, 2],
    [0, 4, 9, 1, 3, 0, 6, 0],
    [2, 0, 7, 1, 6, 0, 1, 9],
    [0, 1, 9, 1, 2, 0, 0, 5],
    [5, 0, 6, 1, 4, 0, 2, 1],
  ];
  const { mean, variance } = momentsOf(linear);
  // Two of the eight genes have a mean of 4, and three percentiles lie between them.
  assert.throws(() => cellRangerDispersions(mean, variance, 20), {
    kind: 'data',
    message: /75th and the 80th percentile.*both 4/,
    hint: /minCellsPerGene/,
  });
});

test('seurat_v3 has no cut-offs, and params are those that a flavour looks at', () => {
  const config = (options: object) => ({ hvg: { batchAware: false, ...OPTIONS, ...options } }) as never;
  assert.match(hvg.check!(config({ flavor: 'seurat_v3', top: null }))[0].message, /no cut-offs/);
  assert.deepEqual(hvg.params(config({ flavor: 'seurat_v3' }), ''), {
    flavor: 'seurat_v3',
    top: 10,
    batchAware: false,
  });
  assert.equal('bins' in hvg.params(config({ flavor: 'cell_ranger' }), ''), false);
  assert.equal('bins' in hvg.params(config({ flavor: 'seurat' }), ''), true);
});
