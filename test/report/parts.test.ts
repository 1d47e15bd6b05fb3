import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extent } from '../../lib/report/drawing/axes.ts';
import { placeLabels } from '../../lib/report/drawing/labels.ts';
import { palette } from '../../lib/report/drawing/palette.ts';
import {
  count,
  escapeMarkup,
  fit,
  fixed,
  percent,
  slug,
  textWidth,
  value,
} from '../../lib/report/drawing/text.ts';
import { clusterOrder } from '../../lib/report/page/order.ts';
import { closestOthers, typeMatrices } from '../../lib/report/page/type-pairs.ts';
import { madeUpStudy } from './study.ts';

test('numbers are written the same everywhere', () => {
  assert.deepEqual([0, 999, 1000, 1234567, -12345].map(count), ['0', '999', '1,000', '1,234,567', '−12,345']);
  assert.deepEqual(
    [0, 0.12345, -0.5, 12.345, 123.4, 5e-7, 2.5e9, Number.NaN, null, undefined].map((x) => value(x)),
    ['0', '0.123', '−0.500', '12.3', '123', '5.00×10⁻⁷', '2.50×10⁹', '–', '–', '–'],
  );
  assert.equal(fixed(-0.0001, 2), '0.00', 'no negative zero');
  assert.equal(percent(0.8766), '87.7%');
});

test('text is escaped for HTML and for XML', () => {
  assert.equal(escapeMarkup(`<&>"'`), '&lt;&amp;&gt;&quot;&#39;');
  assert.equal(escapeMarkup('a\u0000b\ud800c'), 'a\ufffdb\ufffdc');
});

test('a label is cut to its width, whole characters at a time', () => {
  assert.equal(fit('short', 100, 12), 'short');
  const cut = fit('😀😀😀😀😀😀😀😀', 50, 12);
  assert.ok(textWidth(cut, 12) <= 50 && cut.endsWith('…') && cut.isWellFormed());
});

test('names become file names', () => {
  assert.deepEqual(['rank-spearman', 'a/b c', '..', 'größe'].map(slug), [
    'rank-spearman',
    'a-b-c',
    'unnamed',
    'gr-e',
  ]);
});

test('an extent has room and a width, whatever the values', () => {
  assert.deepEqual(extent([0, 1], 0.1), [-0.1, 1.1]);
  assert.deepEqual(extent([]), [0, 1]);
  assert.deepEqual(extent([Number.NaN, 2]), [1.9, 2.1]);
  assert.deepEqual(extent([0]), [-0.5, 0.5]);
});

test('clustering puts blocks side by side, whatever the order they come in', () => {
  const block = [0, 1, 2, 0, 1, 2, 0, 1, 2];
  const n = block.length;
  const similarity = Float64Array.from({ length: n * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n), k % n];
    return i === j ? 1 : block[i] === block[j] ? 0.8 - 0.01 * Math.abs(i - j) : 0.1;
  });
  const order = clusterOrder(similarity, n);
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    [...block.keys()],
  );
  const blocks = order.map((i) => block[i]);
  assert.equal(blocks.filter((b, i) => i > 0 && b !== blocks[i - 1]).length, 2);
});

test('clustering takes none, one, and types without any value', () => {
  assert.deepEqual(clusterOrder(new Float64Array(0), 0), []);
  assert.deepEqual(clusterOrder(new Float64Array([1]), 1), [0]);
  const nothing = new Float64Array(9).fill(Number.NaN);
  assert.deepEqual(clusterOrder(nothing, 3), [0, 1, 2]);
});

test('placed labels keep clear of each other, of points and of the edge', () => {
  const points = Array.from({ length: 60 }, (_, i) => ({
    x: 50 + ((i * 37) % 300),
    y: 50 + ((i * 53) % 200),
    text: `label ${i}`,
  }));
  const area = { x1: 0, y1: 0, x2: 400, y2: 300 };
  const boxes = placeLabels(points, area, 11, 4).map((p) => {
    const width = textWidth(points[p.index].text, 11);
    const left = p.anchor === 'start' ? p.x : p.anchor === 'end' ? p.x - width : p.x - width / 2;
    return { x1: left, x2: left + width, y1: p.y - 8.8, y2: p.y + 2.75, index: p.index };
  });
  assert.ok(boxes.length > 20, `${boxes.length} labels found room`);
  for (const [i, a] of boxes.entries()) {
    assert.ok(a.x1 >= 0 && a.x2 <= 400 && a.y1 >= 0 && a.y2 <= 300);
    for (const b of boxes.slice(i + 1)) {
      assert.ok(a.x1 >= b.x2 || b.x1 >= a.x2 || a.y1 >= b.y2 || b.y1 >= a.y2, `${a.index} over ${b.index}`);
    }
    for (const [k, p] of points.entries()) {
      if (k === a.index) continue;
      assert.ok(a.x1 >= p.x + 4 || a.x2 <= p.x - 4 || a.y1 >= p.y + 4 || a.y2 <= p.y - 4);
    }
  }
});

test('colours are distinct for as many types as an atlas has', () => {
  for (const n of [0, 1, 8, 9, 89, 175]) assert.equal(new Set(palette(n)).size, n);
  assert.ok(palette(175).every((color) => /^#[0-9a-f]{6}$/.test(color)));
});

test('the closest other type is by measure: the nearest for distances, the most similar for similarities', () => {
  const data = madeUpStudy({ types: ['a', 'b', 'c'] });
  const set = (a: string, b: string, median: number) => {
    for (const [i, type] of data.typePairs.type_a.entries()) {
      if (type === a && data.typePairs.type_b[i] === b) data.typePairs.median[i] = median;
    }
  };
  set('a', 'b', 1);
  set('a', 'c', 2);
  set('b', 'c', Number.NaN);
  const { types, byMeasure } = typeMatrices(data);
  const matrix = byMeasure.get('rank-spearman')!;
  assert.deepEqual(types, ['a', 'b', 'c']);
  assert.deepEqual([...closestOthers(matrix, 3, true)], [2, 0, 0]);
  assert.deepEqual([...closestOthers(matrix, 3, false)], [1, 0, 0]);
  assert.deepEqual([...closestOthers({ ...matrix, median: new Float64Array([1]) }, 1, true)], [-1]);
});
