import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Columns } from '../../lib/data/kinds/types.ts';
import type { perturbationsTable } from '../../lib/data/results/tables.ts';
import { type DiagnosticRow, diagnosticColumns } from '../../lib/evaluation/diagnostics/rows.ts';
import { Moves, moveOf } from '../../lib/evaluation/perturbation/moves.ts';
import { whySection } from '../../lib/report/sections/diagnostics.ts';
import { robustnessSection } from '../../lib/report/sections/robustness.ts';

const row = (diagnostic: string, scope: string, value: number, label?: string): DiagnosticRow => ({
  diagnostic,
  scope,
  label,
  n: 9,
  value,
  quantiles: scope === 'cells' ? [0, 0, value / 2, 1, 1] : undefined,
});

function tableOf(encodings: Record<string, DiagnosticRow[]>) {
  const rows = Object.entries(encodings).flatMap(([encoding, some]) =>
    some.map((one) => ({ encoding, one })),
  );
  return { encoding: rows.map(({ encoding }) => encoding), ...diagnosticColumns(rows.map(({ one }) => one)) };
}

const plain = [
  row('unread_genes', 'pooled', 0.25),
  row('cut_counts', 'pooled', 0.125),
  row('truncated', 'cells', 1),
  row('truncated', 'type', 0.5, 'T'),
  row('inverse_r2', 'cells', 0.5),
  row('inverse_r2_detected', 'pooled', -3.3),
];
const pairs = [
  row('spearman_auroc', 'pairs', 0.857),
  row('spearman_ochiai_r2', 'pairs_within', 0.88),
  row('spearman_sparsity_r2', 'pairs_within', 0.08),
  row('sparsity_similarity', 'types_within', -0.296),
];

test('the section holds the numbers of all cells, as medians where cells have one each', () => {
  const page = whySection(tableOf({ sentence: [...plain, ...pairs] })).markup;
  for (const text of [
    '25.0%',
    '12.5%',
    '100.0%',
    '0.250',
    '−3.300',
    '0.857',
    '−0.30',
    'explains 88% of that',
    'sparse the two cells are explains 8%',
  ]) {
    assert.ok(page.includes(text), text);
  }
  assert.ok(!page.includes('50.0%'), 'a type is not all cells');
});

test('what no encoding has, has no column; what one lacks is a dash', () => {
  const some = [
    row('median_kendall', 'cells', 0.3),
    row('redrawn', 'cells', 0.8),
    row('redrawn', 'pooled', 0.79),
  ];
  const without = whySection(tableOf({ a: plain })).markup;
  assert.ok(!without.includes('Kendall') && !without.includes('another seed'));
  assert.ok(!without.includes('Spearman sees'), 'nothing is known of pairs');
  const page = whySection(tableOf({ a: plain, b: some })).markup;
  assert.match(page, /Kendall’s τ/);
  assert.match(page, /<th scope="row">b<\/th>(<td class="n">–<\/td>){2}<td class="n">0.15<\/td>/);
  assert.match(page, /79\.0%/);
});

test('a range is told if encodings differ', () => {
  const other = [
    row('spearman_ochiai_r2', 'pairs_within', 0.7),
    row('spearman_sparsity_r2', 'pairs_within', 0.08),
  ];
  const page = whySection(tableOf({ a: pairs, b: other })).markup;
  assert.match(page, /explains 70% to 88% of that; how sparse the two cells are explains 8%\./);
});

test('disturbed cells are told by probe and amount, over all types', () => {
  const moves = new Moves(
    [
      { kind: 'depth', amount: 1 },
      { kind: 'depth', amount: 0.125 },
      { kind: 'fold', amount: 1.1 },
    ],
    ['A'],
  );
  moves.add(0, 0, moveOf(true, 0, 1));
  moves.add(1, 0, moveOf(false, 3, 2));
  moves.add(2, 0, moveOf(true, 0, 1));
  moves.add(2, 0, moveOf(false, 1, 4));
  const columns = moves.columns('spearman');
  const t = { encoding: columns.probe.map(() => 'rank'), ...columns } as Columns<typeof perturbationsTable>;
  const page = robustnessSection(t).markup;
  assert.match(page, /100%<\/th><th scope="col" class="n">12\.5%/);
  assert.match(page, /<th scope="row">rank<\/th><td class="n">0\.00<\/td><td class="n">1\.50<\/td>/);
  assert.match(page, /× 1\.1/);
  assert.match(page, /<td class="n">50\.0%<\/td>/);
  assert.match(page, /<td class="n">0\.13<\/td>/);
});
