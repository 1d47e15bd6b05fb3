import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { contrast } from '../../lib/evaluation/fidelity/contrast.ts';
import { contrastParams } from '../../lib/evaluation/fidelity/contrast-params.ts';
import { encodingColumns } from '../../lib/evaluation/fidelity/table.ts';
import { randomSource } from '../../lib/flow/random.ts';
import { summarizeEncodings } from '../../lib/report/sections/encoding-rows.ts';
import fidelity from '../../stages/fidelity.ts';
import { memoryMatrix } from '../helpers/memory-matrix.ts';
import { runStage } from '../helpers/run-stage.ts';

interface Golden {
  labels: string[];
  first: number[][];
  second: number[][];
  described: Record<
    string,
    {
      auroc: number;
      auroc_sd: number;
      gap_over_spread: number;
      label_purity: Record<string, [number, number]>;
    }
  >;
  agreement: Record<
    string,
    { type_medians: number; type_pair_medians: number; neighbor_overlap: Record<string, number> }
  >;
}

const golden: Golden = JSON.parse(
  readFileSync(new URL('../golden/compare/compare.json', import.meta.url), 'utf8'),
);

/** A matrix of these rows; zeros are not stored. */
function matrixOf(rows: readonly (readonly number[])[]) {
  const entries = rows.map((row) => [...row.keys()].filter((column) => row[column] !== 0));
  const indptr = new Uint32Array(rows.length + 1);
  for (const [i, own] of entries.entries()) indptr[i + 1] = indptr[i] + own.length;
  return memoryMatrix({
    csr: {
      rows: rows.length,
      columns: rows[0].length,
      indptr,
      indices: Int32Array.from(entries.flat()),
      values: Float32Array.from(entries.flatMap((own, i) => own.map((column) => rows[i][column]))),
    },
    cellIds: rows.map((_, i) => `c${i}`),
  });
}

interface Study {
  labels: string[];
  encodings: Record<string, number[][]>;
  options?: Record<string, unknown>;
  seed?: number;
}

/** Profiles of all subjects, set side by side; the first encoding is the reference. */
async function compared({ labels, encodings, options = {}, seed = 0 }: Study) {
  const names = Object.keys(encodings);
  const config = {
    fidelity: full({ neighbors: [3, 10], bootstrap: 200, seeds: 2, ...options }),
    encodings: Object.fromEntries(names.map((name, i) => [name, { kind: i === 0 ? 'lognorm' : 'rank' }])),
    embeddings: {},
  };
  const totals = Float64Array.from(labels, (_, i) => 100 + ((i * 37) % 91));
  const sample = {
    kind: 'table',
    read: async () => ({ cell_id: labels.map((_, i) => `c${i}`), label: labels, total_counts: totals }),
  };
  const profiles = [];
  for (const instance of fidelity.each!(config as never)) {
    const rows =
      instance === 'floor:depth' ? undefined : matrixOf(encodings[instance] ?? encodings[names[0]]);
    const made = await runStage(fidelity, config, instance, { sample, rows }, { seed });
    profiles.push(made.profile);
  }
  const params = contrastParams(config as never)!;
  const { signal } = new AbortController();
  const rows = await contrast(params, labels, profiles, {
    random: randomSource(seed, 'contrast'),
    signal,
    progress() {},
  });
  return encodingColumns(rows, params.referenceMetric);
}

/** The options with their defaults. */
const full = (options: object) => fidelity.config!.fidelity.parse(options);

type Table = Awaited<ReturnType<typeof compared>>;

/** The one row that is asked for. */
function row(table: Table, encoding: string, wanted: Record<string, string | number | null>) {
  const columns = table as unknown as Record<string, ArrayLike<string | number | null>>;
  const found = table.encoding
    .map((_, i) => i)
    .filter((i) => table.encoding[i] === encoding)
    .filter((i) =>
      Object.entries(wanted).every(([name, value]) =>
        name === 'k' && value === null ? Number.isNaN(columns.k[i]) : columns[name][i] === value,
      ),
    );
  assert.equal(found.length, 1, `${encoding} ${JSON.stringify(wanted)}: ${found.length} rows`);
  return Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [name, column[found[0]]]),
  ) as Record<string, number>;
}

const close = (found: number, expected: number, message: string, tolerance = 1e-6) =>
  assert.ok(Math.abs(found - expected) <= tolerance, `${message}: ${found}, expected ${expected}`);

const { labels, first, second } = golden;
const table = await compared({
  labels,
  encodings: { first, second },
  options: { metrics: ['pearson', 'euclidean'], bootstrap: 1000 },
});

test('separation and purity are those of scikit-learn and numpy', () => {
  for (const [name, expected] of Object.entries(golden.described)) {
    const [encoding, metric] = name.split(' ');
    const own = (statistic: string, k: number | null = null) =>
      row(table, encoding, { statistic, metric, k, resampled: 'cells' });
    close(own('auroc').value, expected.auroc, `${name} auroc`);
    close(own('cliffs_delta').value, 2 * expected.auroc - 1, `${name} delta`);
    close(own('gap_over_spread').value, expected.gap_over_spread, `${name} gap`, 1e-5);
    for (const [k, [all, macro]] of Object.entries(expected.label_purity)) {
      close(own('label_purity', Number(k)).value, all, `${name} purity ${k}`);
      close(own('label_purity_macro', Number(k)).value, macro, `${name} macro purity ${k}`);
    }
  }
});

test('agreement with the reference is that of scipy, by the same metric and by the reference’s', () => {
  for (const [name, expected] of Object.entries(golden.agreement)) {
    const [metric, reference_metric] = name.split(' ');
    const own = (statistic: string, resampled: string, k: number | null = null) =>
      row(table, 'second', { statistic, metric, reference_metric, k, resampled });
    close(own('type_medians', 'types').value, expected.type_medians, `${name} types`);
    close(own('type_pair_medians', 'types').value, expected.type_pair_medians, `${name} pairs of types`);
    for (const [k, overlap] of Object.entries(expected.neighbor_overlap)) {
      close(own('neighbor_overlap', 'cells', Number(k)).value, overlap, `${name} overlap ${k}`);
    }
  }
});

test('intervals over cells are as wide as those of a bootstrap that weighs every pair', () => {
  for (const [name, { auroc_sd }] of Object.entries(golden.described)) {
    const [encoding, metric] = name.split(' ');
    const { lo, hi, value } = row(table, encoding, { statistic: 'auroc', metric, resampled: 'cells' });
    assert.ok(lo < value && value < hi, name);
    const ratio = (hi - lo) / (2 * 1.96 * auroc_sd);
    assert.ok(ratio > 0.75 && ratio < 1.25, `${name}: ${ratio} times as wide`);
  }
});

test('the reference agrees with itself, and differs by nothing from itself', () => {
  for (const resampled of ['cells', 'types']) {
    const wanted = { statistic: 'neighbor_overlap', metric: 'pearson', k: 3, resampled };
    const { value, lo, difference, difference_hi } = row(table, 'first', wanted);
    assert.deepEqual([value, lo, difference, difference_hi], [1, 1, 0, 0]);
  }
});

test('an equal encoding overlaps fully, and its paired differences are nothing at all', async () => {
  const twin = await compared({ labels, encodings: { first, twin: first }, options: { controls: [] } });
  const rows = [...twin.encoding.keys()].filter((i) => twin.encoding[i] === 'twin');
  assert.ok(rows.length > 50);
  for (const i of rows) {
    if (Number.isNaN(twin.value[i])) continue;
    assert.deepEqual([twin.difference[i], twin.difference_lo[i], twin.difference_hi[i]], [0, 0, 0]);
  }
});

test('shuffled labels are by chance; order and depth alone are worse than all there is', () => {
  const sizes = new Map<string, number>();
  for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  // The cell of zeros has no neighbours by Pearson.
  const n = labels.length - 1;
  sizes.set('b', sizes.get('b')! - 1);
  const chance = [...sizes.values()].reduce((sum, size) => sum + (size * (size - 1)) / (n * (n - 1)), 0);
  const shuffled = row(table, 'shuffled-labels', { statistic: 'label_purity', k: 10, resampled: 'seeds' });
  close(shuffled.value, chance, 'purity', 0.06);
  const auroc = (name: string) => row(table, name, { statistic: 'auroc', resampled: 'cells' }).value;
  const whole = row(table, 'first', { statistic: 'auroc', metric: 'pearson', resampled: 'cells' }).value;
  close(auroc('shuffled-labels'), 0.5, 'auroc', 0.05);
  for (const name of ['split-half', 'random-order', 'depth']) assert.ok(auroc(name) < whole, name);
  assert.equal(table.encoding.includes('second-layout'), false, 'there is no layout to repeat');
});

test('the page finds its numbers in the table', () => {
  const { metric, reference, k, lines } = summarizeEncodings(table)!;
  assert.deepEqual({ metric, reference, k }, { metric: 'pearson', reference: 'first', k: 3 });
  close(lines[1].auroc.value, golden.described['second pearson'].auroc, 'auroc');
  close(lines[1].overlap.value, golden.agreement['pearson pearson'].neighbor_overlap['3'], 'overlap');
});

test('the same seed gives the same table, another seed other intervals and the same values', async () => {
  const study = { labels, encodings: { first, second }, options: { controls: [], metrics: ['pearson'] } };
  const [a, b, c] = [await compared(study), await compared(study), await compared({ ...study, seed: 1 })];
  assert.deepEqual(a, b);
  assert.deepEqual(a.value, c.value);
  assert.notDeepEqual(a.lo, c.lo);
});

test('one type, types of one cell, constant cells: what is not defined is missing, and nothing else', async () => {
  const options = { metrics: ['pearson'], bootstrap: 20 };
  const one = await compared({ labels: labels.map(() => 'same'), encodings: { first }, options });
  assert.ok(Number.isNaN(row(one, 'first', { statistic: 'auroc', resampled: 'cells' }).value));
  assert.equal(row(one, 'first', { statistic: 'label_purity', k: 3, resampled: 'cells' }).value, 1);
  assert.equal(one.resampled.includes('types'), false, 'one type cannot be resampled');

  const alone = await compared({
    labels: ['a', 'b', 'c', 'd'],
    encodings: { first: first.slice(4, 8) },
    options,
  });
  assert.ok(Number.isNaN(row(alone, 'first', { statistic: 'auroc', resampled: 'cells' }).value));
  assert.equal(row(alone, 'first', { statistic: 'label_purity', k: 3, resampled: 'cells' }).value, 0);
  assert.equal(row(alone, 'first', { statistic: 'neighbor_overlap', k: 10, resampled: 'cells' }).value, 1);

  const constant = await compared({
    labels: ['a', 'a', 'b', 'b'],
    encodings: { first: [0, 1, 2, 3].map(() => [1, 1, 1]) },
    options: { ...options, controls: [] },
  });
  assert.ok(Number.isNaN(row(constant, 'first', { statistic: 'auroc', resampled: 'cells' }).value));
  assert.ok(
    Number.isNaN(row(constant, 'first', { statistic: 'label_purity', k: 3, resampled: 'cells' }).value),
  );

  const single = await compared({ labels: ['a'], encodings: { first: [first[4]] }, options });
  assert.ok(single.value.every((value) => Number.isNaN(value)));
});

test('without a section, and without resamples', async () => {
  const none = await compared({ labels, encodings: { first }, options: { bootstrap: 0, controls: [] } });
  assert.ok(none.resampled.every((by) => by === null) && none.lo.every((lo) => Number.isNaN(lo)));
  const config = { fidelity: null, encodings: { first: { kind: 'lognorm' } }, embeddings: {} };
  assert.deepEqual(fidelity.each!(config as never), []);
  assert.equal(contrastParams(config as never), null);
});
