import assert from 'node:assert/strict';
import test from 'node:test';
import {
  asDistance,
  distances,
  nearestOther,
  sameRow,
  spaceOfRows,
} from '../../../lib/evaluation/perturbation/distance.ts';
import { Moves, moveOf } from '../../../lib/evaluation/perturbation/moves.ts';
import {
  blockOf,
  type CellCounts,
  cellOf,
  chosenGenes,
  fold,
  thin,
} from '../../../lib/evaluation/perturbation/probes.ts';
import { randomSource } from '../../../lib/flow/random.ts';
import { csr, dense, someCounts } from '../../encodings/encode.ts';

const random = randomSource(7, 'test');
const cell: CellCounts = {
  genes: Int32Array.of(1, 4, 5, 9),
  counts: Float32Array.of(3, 1, 40, 2),
  total: 60,
};

test('a cell that keeps all counts is the same cell', () => {
  const [same] = thin(cell, [1], random.stream('a'));
  assert.deepEqual(same, cell);
});

test('what is kept at a lower depth is kept at a higher one', () => {
  for (let i = 0; i < 50; i++) {
    const depths = [1, 0.7, 0.3, 0.05];
    const [first, ...lower] = thin(cell, depths, random.stream('b', i)).map((thinned) => {
      assert.ok(thinned.counts.every((count) => count > 0));
      const row = new Float64Array(11);
      for (const [k, gene] of thinned.genes.entries()) row[gene] = thinned.counts[k];
      row[10] = thinned.total;
      return row;
    });
    let above = first;
    for (const row of lower) {
      assert.ok(row.every((count, g) => count <= above[g]));
      above = row;
    }
  }
});

test('counts that are kept are binomial', () => {
  // 4,000 draws of Binomial(40, 0.25): mean 10, variance 7.5.
  const n = 4000;
  let [sum, squares, totals] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [thinned] = thin(cell, [0.25], random.stream('c', i));
    const at = thinned.genes.indexOf(5);
    const kept = at < 0 ? 0 : thinned.counts[at];
    sum += kept;
    squares += kept * kept;
    totals += thinned.total;
  }
  const mean = sum / n;
  assert.ok(Math.abs(mean - 10) < 0.2, `${mean}`);
  assert.ok(Math.abs(squares / n - mean * mean - 7.5) < 0.8);
  assert.ok(Math.abs(totals / n - 15) < 0.25, 'genes that were not kept are thinned too');
});

test('a cell without counts stays one', () => {
  const empty = { genes: new Int32Array(0), counts: new Float32Array(0), total: 0 };
  assert.deepEqual(thin(empty, [1, 0.5], random.stream('d')), [empty, empty]);
  assert.deepEqual(
    chosenGenes(empty, () => true, 3, random.stream('d')),
    [],
  );
});

test('a fold changes one gene, and the total with it', () => {
  const folded = fold(cell, 2, 1.5);
  assert.deepEqual([...folded.counts], [3, 1, 60, 2]);
  assert.equal(folded.total, 80);
  assert.deepEqual([...cell.counts], [3, 1, 40, 2]);
});

test('the genes that are changed are the same ones, as far as they are read', () => {
  const wide: CellCounts = {
    genes: Int32Array.from({ length: 30 }, (_, g) => g),
    counts: new Float32Array(30).fill(1),
    total: 30,
  };
  const all = chosenGenes(wide, () => true, 30, random.stream('e'));
  const even = chosenGenes(wide, (gene) => gene % 2 === 0, 4, random.stream('e'));
  assert.deepEqual(even, all.filter((gene) => gene % 2 === 0).slice(0, 4));
  assert.equal(new Set(all).size, 30);
});

test('cells come out of a block as they went in', () => {
  const rows = someCounts(4, 12, 8);
  const block = csr(rows);
  const cells = rows.map((_, row) => cellOf(block, row, 100));
  assert.deepEqual(dense(blockOf(cells, 12)), rows);
});

test('the nearest other cell is of the range, and not the cell itself', async () => {
  const rows = csr([
    [0, 3, 0],
    [0, 0, 4],
    [0, 3, 1],
    [0, 3, 0],
    [0, 0, 0],
  ]);
  const metadata = { genesUsed: 3, layout: 'sparse', value: 'counts' } as const;
  const space = await spaceOfRows(rows, 'euclidean', metadata);
  assert.equal(nearestOther(space, 0, 0, 3), 1);
  assert.equal(nearestOther(space, 0, 0, 4), 0);
  assert.ok(Number.isNaN(nearestOther(space, 0, 0, 1)));
  assert.deepEqual([...distances(space, 0, 1, 3)], [5, 1]);
  assert.deepEqual(
    [sameRow(rows, 0, 3), sameRow(rows, 0, 2), sameRow(rows, 0, 4), sameRow(rows, 0, 1)],
    [true, false, false, false],
  );
  const cosine = await spaceOfRows(rows, 'cosine', metadata);
  assert.ok(Number.isNaN(distances(cosine, 0, 4, 5)[0]), 'nothing is at an angle to a cell of zeros');
  assert.ok(Math.abs(distances(cosine, 0, 1, 2)[0] - 1) < 1e-6);
  const dims = await spaceOfRows(rows, 'euclidean', { ...metadata, layout: 'dense' });
  assert.deepEqual([...distances(dims, 0, 1, 3)], [5, 1]);
  assert.equal(asDistance('spearman', 0.25), 0.75);
});

test('moves are told by probe, over all cells and by type', () => {
  const moves = new Moves(
    [
      { kind: 'depth', amount: 1 },
      { kind: 'fold', amount: 2 },
    ],
    ['A', 'B'],
  );
  moves.add(0, 0, moveOf(true, 1e-8, 2));
  moves.add(0, 1, moveOf(false, 3, 2));
  moves.add(0, 1, moveOf(false, 1, 2));
  moves.add(1, 0, moveOf(true, 0, Number.NaN));
  moves.add(1, 0, moveOf(false, 1, 0));
  const t = moves.columns('spearman');
  assert.deepEqual(t.probe, ['depth', 'depth', 'depth', 'fold', 'fold', 'fold']);
  assert.deepEqual(t.label, [null, 'A', 'B', null, 'A', 'B']);
  assert.deepEqual([...t.n], [3, 1, 2, 2, 2, 0]);
  assert.deepEqual([...t.unchanged], [1 / 3, 1, 0, 1 / 2, 1 / 2, Number.NaN]);
  assert.deepEqual([...t.n_moved], [3, 1, 2, 0, 0, 0]);
  assert.deepEqual([...t.median], [0.5, 0, 1, Number.NaN, Number.NaN, Number.NaN]);
  assert.deepEqual([...t.beyond_neighbor.subarray(0, 3)], [1 / 3, 0, 1 / 2]);
});
