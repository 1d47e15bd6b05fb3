import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openPen } from '../../lib/report/drawing/pen.ts';
import { encodingsFigure } from '../../lib/report/figures/encodings.ts';
import { summarizeEncodings } from '../../lib/report/sections/encoding-rows.ts';
import { encodingsSection } from '../../lib/report/sections/encodings.ts';
import { madeUpStudy } from './study.ts';

const data = madeUpStudy();
const table = data.encodings!;
const rows = table.encoding.length;
/** The table without the rows that `keep` refuses. */
const only = (keep: (row: number) => boolean) => {
  const kept = Array.from({ length: rows }, (_, row) => row).filter(keep);
  const columns = Object.entries(table).map(([name, column]) => {
    const values = kept.map((row) => column[row]);
    return [name, column instanceof Float64Array ? Float64Array.from(values as number[]) : values];
  });
  return Object.fromEntries(columns) as typeof table;
};

test('the summary holds the numbers of the metric that all are held against', () => {
  const { metric, reference, k, lines } = summarizeEncodings(table)!;
  assert.deepEqual({ metric, reference, k }, { metric: 'pearson', reference: 'expression', k: 15 });
  assert.deepEqual(
    lines.map(({ name, role, auroc, overlap }) => [name, role, auroc.value, overlap.value]),
    [
      ['expression', 'reference', 0.9, 1],
      ['rank', 'encoding', 0.85, 0.7],
      ['random-order', 'floor', 0.7, 0.2],
    ],
  );
  assert.ok(Math.abs(lines[1].aurocDifference.value + 0.05) < 1e-12);
});

test('nothing is said of an empty table, and no neighbours without them', async () => {
  assert.equal(summarizeEncodings(only(() => false)), undefined);
  const none = { ...data, encodings: only(() => false) };
  assert.equal(encodingsSection(none), null);
  assert.equal(encodingsSection({ ...data, encodings: undefined }), null);
  const pen = await openPen();
  assert.equal(encodingsFigure(pen, none), undefined);
  const without = { ...data, encodings: only((row) => Number.isNaN(table.k[row])) };
  assert.doesNotMatch(encodingsSection(without)!.markup, /neighbour/);
  assert.doesNotMatch(encodingsFigure(pen, without)!.body, /overlap/);
});

test('the section and the figure name each encoding; ceilings and floors are lines', async () => {
  const section = encodingsSection(data)!.markup;
  assert.match(section, /<th scope="row">rank<\/th><td>pearson<\/td>/);
  assert.match(section, /0\.850 <small>0\.830 – 0\.870<\/small>/);
  assert.match(section, /floor: random-order/);
  const { body, alt } = encodingsFigure(await openPen(), data)!;
  assert.equal(alt, 'Dot plot of 2 encodings: expression AUROC 0.900, rank AUROC 0.850.');
  assert.equal(body.match(/<circle/g)!.length, 2 * 3);
  // One floor in each panel, and the two of the legend.
  assert.equal(body.match(/stroke-dasharray/g)!.length, 3 + 2);
});
