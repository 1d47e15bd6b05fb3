import assert from 'node:assert/strict';
import test from 'node:test';
import type { Neighbors } from '../../lib/data/kinds/types.ts';
import { RandomStream } from '../../lib/flow/random.ts';
import { neighborPurity, purityColumns } from '../../lib/neighbors/purity.ts';

/** Neighbours of points on a line, `listed` of them, the point itself first. */
function onLine(points: readonly number[], listed: number): Neighbors {
  const k = Math.min(listed, points.length);
  const near = points.map((at, i) =>
    points
      .map((other, j) => ({ j, d: i === j ? -1 : Math.abs(at - other) }))
      .sort((a, b) => a.d - b.d || a.j - b.j)
      .slice(0, k),
  );
  return {
    cellIds: points.map((_, i) => `c${i}`),
    k,
    indices: Int32Array.from(near.flat(), ({ j }) => j),
    distances: Float32Array.from(near.flat(), ({ d }) => Math.max(0, d)),
  };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const close = (found: number, expected: number) =>
  assert.ok(
    Number.isNaN(expected) ? Number.isNaN(found) : Math.abs(found - expected) < 1e-12,
    `${found}, expected ${expected}`,
  );

test('purity follows the definition, for all cells and by label', () => {
  const random = new RandomStream(1, 1);
  const n = 60;
  const points = Array.from({ length: n }, () => Math.floor(random.float64() * 30));
  const label = points.map((x) => (x + random.float64() * 20 < 20 ? 'left' : 'right'));
  const batch = points.map((_, i) => (i % 5 === 0 ? null : ['p', 'q', 'r'][i % 3]));
  const rows = neighborPurity(onLine(points, 11), [], { label, batch }, [3, 10]);
  assert.deepEqual(
    rows.map((row) => [row.k, row.label]),
    [3, 10].flatMap((k) => [null, 'left', 'right'].map((name) => [k, name])),
  );
  for (const row of rows) {
    const nearest = (i: number) =>
      points
        .map((x, j) => ({ j, d: Math.abs(x - points[i]) }))
        .filter(({ j }) => j !== i)
        .sort((a, b) => a.d - b.d || a.j - b.j)
        .slice(0, row.k)
        .map(({ j }) => j);
    const cells = [...points.keys()].filter((i) => row.label === null || label[i] === row.label);
    const share = (of: number[], wanted: (j: number) => boolean) => of.filter(wanted).length / of.length;
    close(row.sameLabel, mean(cells.map((i) => share(nearest(i), (j) => label[j] === label[i]))));
    const known = cells
      .filter((i) => batch[i] !== null)
      .map((i) => ({ i, of: nearest(i).filter((j) => batch[j] !== null) }))
      .filter(({ of }) => of.length > 0);
    close(row.sameBatch, mean(known.map(({ i, of }) => share(of, (j) => batch[j] === batch[i]))));
    close(
      row.sameBatchOtherLabel,
      mean(known.map(({ i, of }) => share(of, (j) => batch[j] === batch[i] && label[j] !== label[i]))),
    );
    const size = (name: string) => label.filter((other) => other === name).length;
    close(row.chance, mean(cells.map((i) => (size(label[i]) - 1) / (n - 1))));
  }
});

test('labels at random are pure at the level of chance', () => {
  const random = new RandomStream(2, 1);
  const n = 3000;
  const label = Array.from({ length: n }, () => 'AAB'[Math.floor(random.float64() * 3)]);
  const k = 15;
  const indices = Int32Array.from({ length: n * (k + 1) }, (_, e) =>
    e % (k + 1) === 0 ? e / (k + 1) : Math.floor(random.float64() * n),
  );
  const neighbors = { cellIds: label, k: k + 1, indices, distances: new Float32Array(indices.length) };
  for (const row of neighborPurity(neighbors, [], { label, batch: label.map(() => null) }, [k])) {
    assert.ok(Math.abs(row.sameLabel - row.chance) < 0.02, JSON.stringify(row));
  }
});

test('one cell has no neighbours; one type is pure; few cells have what there is', () => {
  const one = neighborPurity(onLine([1], 4), [], { label: ['A'], batch: ['x'] }, [3]);
  assert.deepEqual(
    one.map((row) => [row.sameLabel, row.sameBatch, row.chance].map(Number.isNaN)),
    [
      [true, true, true],
      [true, true, true],
    ],
  );
  const same = neighborPurity(
    onLine([1, 1, 1], 51),
    [],
    { label: ['A', 'A', 'A'], batch: [null, null, null] },
    [50],
  );
  assert.deepEqual([same[0].sameLabel, same[0].chance, same[0].k], [1, 1, 50]);
  assert.ok(Number.isNaN(same[0].sameBatch) && Number.isNaN(same[0].sameBatchOtherLabel));
  const alone = neighborPurity(
    onLine([1, 2, 3], 3),
    [],
    { label: ['A', 'B', 'B'], batch: ['x', 'x', 'y'] },
    [2],
  );
  assert.deepEqual(
    alone.map((row) => row.sameLabel),
    [1 / 3, 0, 0.5],
  );
  assert.deepEqual(
    alone.map((row) => row.chance),
    [1 / 3, 0, 0.5],
  );
});

test('cells without a value have no neighbours and are none', () => {
  const neighbors = onLine([0, 0, 5, 6], 4);
  const cells = { label: ['A', 'B', 'A', 'A'], batch: ['x', 'x', 'x', 'x'] };
  const [all, , b] = neighborPurity(neighbors, [1], cells, [2]);
  assert.equal(all.sameLabel, 1);
  assert.ok(Number.isNaN(b.sameLabel));
  const [near] = neighborPurity(neighbors, [], cells, [3], 5);
  // Cells 0 and 1 have each other alone, cells 2 and 3 as well.
  assert.deepEqual([near.sameLabel, near.sameBatch, near.sameBatchOtherLabel], [0.5, 1, 0.5]);
});

test('rows become columns, in their order', () => {
  const rows = neighborPurity(onLine([1, 2], 2), [], { label: ['A', 'B'], batch: [null, null] }, [1]);
  const table = purityColumns(rows);
  assert.deepEqual(table.label, [null, 'A', 'B']);
  assert.deepEqual([...table.k], [1, 1, 1]);
  assert.deepEqual([...table.same_label.subarray(0, 1)], [0]);
});
