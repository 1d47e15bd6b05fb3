import assert from 'node:assert/strict';
import test from 'node:test';
import { homesOf } from '../../../lib/encodings/encoding.ts';
import { CellGenes } from '../../../lib/evaluation/diagnostics/cell-genes.ts';
import { CELL_LOSSES, type CellLoss, CellLosses } from '../../../lib/evaluation/diagnostics/cell-losses.ts';
import {
  csr,
  encodeBlock,
  ensemblIds,
  type Given,
  geneformerOptions,
  someCounts,
} from '../../encodings/encode.ts';

type Losses = {
  cells: Record<CellLoss, number[]>;
  pooled: Partial<Record<CellLoss, number>>;
  genes: number[];
};

/** The losses of rows of counts in an encoding; `again` is the seed of another draw. */
async function lossesOf(
  options: Record<string, unknown>,
  rows: readonly (readonly number[])[],
  { again, ...given }: Given & { again?: number } = {},
): Promise<Losses> {
  const block = csr(rows);
  const totals = Float64Array.from(given.totals ?? rows.map((row) => row.reduce((sum, x) => sum + x, 0)));
  const { encoder, matrix } = await encodeBlock(options, block, { ...given, totals });
  const used = given.used ?? rows[0].map(() => 1);
  const losses = new CellLosses({
    kind: String(options.kind),
    reading: encoder.reading ?? { home: homesOf(block.columns, (column) => used[column] === 1) },
    cells: block.rows,
    dense: encoder.metadata.layout === 'dense',
    genesUsed: encoder.metadata.genesUsed,
  });
  const other =
    again === undefined ? undefined : await encodeBlock(options, block, { ...given, totals, seed: again });
  const own = { counts: { ...block, start: 0 }, encoded: { ...matrix, start: 0 }, totals };
  losses.add({ ...own, again: other?.matrix }, 0, block.rows);
  const cells = Object.fromEntries(CELL_LOSSES.map((loss) => [loss, [...losses.columns[loss]]])) as Record<
    CellLoss,
    number[]
  >;
  return { cells, pooled: losses.pooled(), genes: [...losses.genesEncoded] };
}

const close = (found: number | undefined, expected: number) =>
  assert.ok(Math.abs((found ?? Number.NaN) - expected) < 1e-12, `${found}, expected ${expected}`);

test('a sentence of three words cuts the rest of the genes, with their counts', async () => {
  const rows = [
    [9, 0, 4, 2, 1, 0],
    [0, 5, 3, 0, 0, 0],
  ];
  const { cells, pooled, genes } = await lossesOf({ kind: 'cell2sentence', top: 3 }, rows);
  assert.deepEqual(genes, [3, 2]);
  assert.deepEqual(cells.cut_genes, [1 / 4, 0]);
  assert.deepEqual(cells.cut_counts, [1 / 16, 0]);
  close(pooled.cut_genes, 1 / 6);
  close(pooled.cut_counts, 1 / 24);
  assert.deepEqual(cells.unread_genes, [0, 0]);
  assert.deepEqual(cells.sparsity, [1 - 4 / 6, 1 - 2 / 6]);
});

test('genes that are not read are told from genes that are cut', async () => {
  const rows = [[9, 1, 4, 2, 1, 0]];
  const { cells } = await lossesOf({ kind: 'cell2sentence', top: 2, genes: 'hvg' }, rows, {
    used: [0, 1, 1, 1, 0, 1],
  });
  assert.deepEqual(cells.unread_genes, [2 / 5]);
  assert.deepEqual(cells.unread_counts, [10 / 17]);
  assert.deepEqual(cells.cut_genes, [1 / 3]);
  assert.deepEqual(cells.cut_counts, [1 / 7]);
  assert.deepEqual(cells.sparsity, [1 / 4]);
});

test('scBERT cuts what falls into bin 0, and ties what falls into one bin', async () => {
  // Per 10,000: 0.5, 1, 2, 4 and the rest.
  const { cells } = await lossesOf({ kind: 'scbert' }, [[1, 2, 4, 8, 19_985]]);
  assert.deepEqual(cells.cut_genes, [1 / 5]);
  assert.deepEqual(cells.cut_counts, [1 / 20_000]);
  close(cells.tie_mass[0], 0);
  close(cells.tie_mass_encoded[0], 2 / 12); // bins 1, 1, 2, 5
});

test('counts that tie are put in some order by a sentence, and stay tied as ranks', async () => {
  const rows = [[1, 1, 1, 2, 2, 7]];
  const sentence = await lossesOf({ kind: 'cell2sentence' }, rows);
  close(sentence.cells.tie_mass[0], 8 / 30);
  close(sentence.cells.tie_mass_encoded[0], 0);
  const rank = await lossesOf({ kind: 'rank', genes: 'all' }, rows);
  close(rank.cells.tie_mass_encoded[0], 8 / 30);
});

test('medians of all the same change no order, one other median moves one gene', async () => {
  const rows = [[5, 4, 3, 2, 1]];
  const options = (medians: number[]) => geneformerOptions(medians);
  const ids = ensemblIds(5);
  const same = await lossesOf(options([2, 2, 2, 2, 2]), rows, { ids });
  assert.deepEqual(same.cells.median_kendall, [1]);
  assert.deepEqual(same.cells.median_spearman, [1]);
  // The first gene goes from the first to the last place: 4 of 10 pairs turn.
  const moved = await lossesOf(options([20, 1, 1, 1, 1]), rows, { ids });
  close(moved.cells.median_kendall[0], (6 - 4) / 10);
  close(moved.cells.median_spearman[0], 1 - (6 * (16 + 4)) / (5 * 24));
  const sentence = await lossesOf({ kind: 'cell2sentence' }, rows);
  assert.deepEqual(sentence.cells.median_kendall, [Number.NaN]);
});

test('medians break ties of counts, and make ties of their own', async () => {
  const { cells } = await lossesOf(geneformerOptions([1, 2, 3, 1]), [[2, 4, 6, 5]], { ids: ensemblIds(4) });
  close(cells.tie_mass[0], 6 / 12);
});

test('another seed changes the digits of equal values and no others', async () => {
  const distinct = [Array.from({ length: 40 }, (_, g) => 1 + g)];
  const equal = [Array.from({ length: 40 }, () => 3)];
  const still = await lossesOf({ kind: 'scgpt' }, distinct, { again: 1 });
  assert.deepEqual(still.cells.redrawn, [0]);
  assert.deepEqual(still.cells.redrawn_spearman, [1]);
  // Digits of a cell of equal values are uniform on 1 … 50: they agree by chance in one of 50.
  const noise = await lossesOf({ kind: 'scgpt' }, equal, { again: 1 });
  assert.ok(noise.cells.redrawn[0] > 0.85, `${noise.cells.redrawn[0]}`);
  assert.ok(Math.abs(noise.cells.redrawn_spearman[0]) < 0.5);
  const oneSided = await lossesOf({ kind: 'scgpt', side: 'one' }, equal, { again: 1 });
  assert.deepEqual(oneSided.cells.redrawn, [0]);
});

test('all of the magnitude comes back from counts, less from a sentence', async () => {
  const rows = someCounts(4, 60, 2);
  const lognorm = await lossesOf({ kind: 'lognorm', genes: 'all' }, rows);
  for (const r2 of lognorm.cells.inverse_r2) assert.ok(Math.abs(r2 - 1) < 1e-6);
  close(Math.round(lognorm.cells.inverse_slope[0] * 1e6) / 1e6, Math.round(1e6 / Math.LN10) / 1e6);
  const sentence = await lossesOf({ kind: 'cell2sentence' }, rows);
  assert.ok(sentence.cells.inverse_r2.every((r2) => r2 > 0.3 && r2 < 0.99));
  assert.ok(sentence.pooled.inverse_r2! <= 1);
});

test('what is cut counts against the magnitude of all that was detected', async () => {
  const { cells } = await lossesOf({ kind: 'cell2sentence', top: 3 }, [[9, 7, 5, 4, 4, 3, 3]]);
  assert.ok(cells.inverse_r2[0] > 0.9);
  assert.ok(cells.inverse_r2_detected[0] < 0);
});

test('a cell without a count, or with one gene, has no number where there is none', async () => {
  const { cells, pooled } = await lossesOf(
    { kind: 'scgpt' },
    [
      [0, 0, 0],
      [0, 4, 0],
    ],
    { again: 3 },
  );
  for (const loss of [
    'unread_genes',
    'cut_genes',
    'cut_counts',
    'tie_mass',
    'redrawn',
    'inverse_r2',
  ] as const) {
    assert.ok(Number.isNaN(cells[loss][0]), loss);
  }
  assert.deepEqual(cells.sparsity, [1, 1 - 1 / 3]);
  assert.equal(cells.cut_genes[1], 0);
  assert.ok(Number.isNaN(cells.tie_mass[1]));
  assert.equal(pooled.cut_genes, 0);
  assert.ok(Number.isNaN(pooled.tie_mass!));
});

test('columns that share a home are added up there', () => {
  const genes = new CellGenes({ home: Int32Array.of(0, 3, -1, 3) });
  assert.equal(genes.capacity, 2);
  genes.gather(csr([[1, 2, 5, 0]]), 0);
  assert.deepEqual(
    [[...genes.columns.subarray(0, genes.n)], [...genes.counts.subarray(0, genes.n)]],
    [
      [0, 3],
      [1, 2],
    ],
  );
  assert.deepEqual([genes.unreadGenes, genes.unreadCounts, genes.readCounts], [1, 5, 3]);
  genes.gather(csr([[0, 2, 0, 4]]), 0);
  assert.deepEqual([...genes.counts.subarray(0, genes.n)], [6]);
});
