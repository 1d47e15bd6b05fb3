import assert from 'node:assert/strict';
import test from 'node:test';
import { RandomStream } from '../../lib/flow/random.ts';
import { describePairs } from '../../lib/pairwise/quantiles/describe-pairs.ts';
import { type Metric, orientationOf } from '../../lib/pairwise/spaces/metric.ts';
import { rowNumbers, spaceOfMatrix } from '../../lib/pairwise/spaces/open-space.ts';
import {
  ascending,
  distanceCutoffs,
  SIMILARITY_CUTOFFS,
  samplePositions,
} from '../../lib/pairwise/thresholds/cutoff-grid.ts';
import { chanceOf, relationTable } from '../../lib/pairwise/thresholds/relation-table.ts';
import {
  cellGroups,
  countsLength,
  mergeRelations,
  packRelations,
  RelationCounts,
} from '../../lib/pairwise/thresholds/relations.ts';
import { cellTypes } from '../../lib/pairwise/tiles/type-pairs.ts';
import { useKernels } from '../helpers/kernels.ts';
import { pairValue, randomRows, toCsr } from './oracle.ts';

useKernels();

type Names = (string | null)[];

/** First tasks of the parts. */
const PARTS = [0, 2, 5];

/** The table from the pairs of a space, counted in several parts. */
async function relationsOf(
  rows: number[][],
  metric: Metric,
  labels: string[],
  batches: Names,
  cutoffs: readonly number[],
) {
  const types = cellTypes(labels);
  const space = await spaceOfMatrix(toCsr(rows), metric, rows[0].length, types.order);
  const groups = cellGroups(labels, batches, types.order);
  const counters = await Promise.all(PARTS.map(() => RelationCounts.create(space, cutoffs, groups)));
  await describePairs(space, types, {
    limits: { batchPairs: 300, heldPairs: 400, piecePairs: 150 },
    parts: PARTS,
    visitorOf: (part) => (tile, values) => counters[part].add(tile, values),
  });
  const parts = counters.map((own) => packRelations(cutoffs, own));
  const counts = await mergeRelations(parts, countsLength(cutoffs, groups));
  const table = relationTable(orientationOf(metric), cutoffs, groups, counts);
  return table.relation.map((relation, i) => ({
    cutoff: table.cutoff[i],
    relation,
    batch: table.batch_relation[i],
    pairs: table.pairs[i],
    none: table.cells_with_none[i],
    share: table.mean_fraction[i],
    chance: table.chance[i],
  }));
}

/** The same from the definitions, cell by cell. */
function expectedRelations(
  rows: number[][],
  metric: Metric,
  labels: string[],
  batches: Names,
  cutoffs: readonly number[],
) {
  const distance = orientationOf(metric) === 'distance';
  const cells = [...rows.keys()];
  const value = rows.map((a) => rows.map((b) => Math.fround(pairValue(metric, a, b))));
  const batchRelations: Record<string, (i: number, j: number) => boolean> = { any: () => true };
  if (batches.some((batch) => batch !== null)) {
    batchRelations.same_batch = (i, j) => batches[i] !== null && batches[i] === batches[j];
    batchRelations.other_batch = (i, j) =>
      batches[i] !== null && batches[j] !== null && batches[i] !== batches[j];
  }
  return cutoffs.flatMap((cutoff) =>
    Object.entries(batchRelations).flatMap(([batch, inBatch]) =>
      ['same_label', 'other_label'].map((relation) => {
        const wanted = (i: number, j: number) => (labels[i] === labels[j]) === (relation === 'same_label');
        const near = (i: number, j: number) =>
          distance ? value[i][j] <= Math.fround(cutoff) : value[i][j] >= Math.fround(cutoff);
        const of = cells.map((i) => cells.filter((j) => j !== i && inBatch(i, j) && near(i, j)));
        const shares = cells
          .filter((i) => of[i].length > 0)
          .map((i) => of[i].filter((j) => wanted(i, j)).length / of[i].length);
        const all = cells.flatMap((i) => cells.filter((j) => j !== i && inBatch(i, j)).map((j) => [i, j]));
        const pairs = cells.flatMap((i) => of[i].filter((j) => i < j && wanted(i, j)));
        return {
          cutoff,
          relation,
          batch,
          pairs: pairs.length,
          none: cells.filter((i) => of[i].length === 0).length,
          share: shares.reduce((sum, share) => sum + share, 0) / shares.length,
          chance: all.filter(([i, j]) => wanted(i, j)).length / all.length,
        };
      }),
    ),
  );
}

type Row = ReturnType<typeof expectedRelations>[number];
function assertRows(found: readonly Row[], expected: readonly Row[], what: string): void {
  const counted = ({ cutoff, relation, batch, pairs, none }: Row) => ({
    cutoff,
    relation,
    batch,
    pairs,
    none,
  });
  assert.deepEqual(found.map(counted), expected.map(counted), what);
  for (const [i, row] of found.entries()) {
    for (const column of ['share', 'chance'] as const) {
      const [a, b] = [row[column], expected[i][column]];
      assert.ok(Number.isNaN(b) ? Number.isNaN(a) : Math.abs(a - b) < 1e-12, `${what}: ${column} ${a}, ${b}`);
    }
  }
}

const labelsOf = (n: number) => Array.from({ length: n }, (_, i) => 'ABBCA'[(i * 7) % 5]);
const batchesOf = (n: number): Names => Array.from({ length: n }, (_, i) => ['x', 'y', 'z'][(i * i) % 3]);

test('relations follow the definitions, for similarities and distances', async () => {
  const rows = randomRows(1, 60, 25, 0.3);
  rows[7] = rows[8];
  rows[20] = new Array<number>(25).fill(0);
  const [labels, batches] = [labelsOf(60), batchesOf(60)];
  const grids: [Metric, readonly number[]][] = [
    ['pearson', SIMILARITY_CUTOFFS],
    ['cosine', [-0.5, 0.1, 0.11, 0.5, 1]],
    ['spearman-intersection', [-1, 0.5, 1]],
    ['ochiai', [0.5]],
    ['euclidean', [0, 4, 5, 5.5, 6, 7.25, 40]],
    ['euclidean', [6]],
  ];
  for (const [metric, cutoffs] of grids) {
    const found = await relationsOf(rows, metric, labels, batches, cutoffs);
    assertRows(found, expectedRelations(rows, metric, labels, batches, cutoffs), metric);
    assert.ok(
      found.some((row) => row.none > 0 && row.none < 60),
      `${metric}: some cells have relations, some have none`,
    );
  }
});

test('cells without batch are related in "any" alone; without batches there is nothing else', async () => {
  const rows = randomRows(2, 40, 20, 0.4);
  const labels = labelsOf(40);
  const some = batchesOf(40).map((batch, i) => (i % 3 === 0 ? null : batch));
  for (const batches of [some, labels.map(() => null), labels.map(() => 'one')]) {
    const found = await relationsOf(rows, 'cosine', labels, batches, [0.1, 0.4, 0.8]);
    assertRows(found, expectedRelations(rows, 'cosine', labels, batches, [0.1, 0.4, 0.8]), `${batches[1]}`);
  }
});

test('one cell, one type, and types of one cell', async () => {
  for (const labels of [['A'], ['A', 'A', 'A'], ['A', 'B', 'C']]) {
    const rows = randomRows(3, labels.length, 9, 0.6);
    const batches = labels.map(() => null);
    const found = await relationsOf(rows, 'cosine', labels, batches, [-1, 0.5]);
    assertRows(found, expectedRelations(rows, 'cosine', labels, batches, [-1, 0.5]), labels.join(''));
  }
  const [one] = await relationsOf([[1, 2]], 'cosine', ['A'], ['x'], [0.5]);
  assert.deepEqual([one.pairs, one.none, one.share, one.chance], [0, 1, Number.NaN, Number.NaN]);
});

test('a pair exactly at a cut-off is a relation, whatever the cut-off is in 32 bits', async () => {
  for (const cutoff of SIMILARITY_CUTOFFS.slice(1)) {
    const values = Float32Array.of(0, Math.fround(cutoff), 0, 0);
    const counts = await RelationCounts.create(
      { metric: 'cosine', defined: Uint8Array.of(1, 1) },
      SIMILARITY_CUTOFFS,
      { labels: Int32Array.of(0, 0) },
    );
    counts.add({ rowStart: 0, rowEnd: 2, columnStart: 0, columnEnd: 2, upper: true }, { values, stride: 2 });
    const bin = SIMILARITY_CUTOFFS.indexOf(cutoff);
    assert.equal(counts.takeCounts()[bin * 2], 1, `${cutoff}`);
  }
});

test('bins are right for any values and grids', async () => {
  const random = new RandomStream(4, 1);
  for (let round = 0; round < 200; round++) {
    const size = 1 + Math.floor(random.float64() * 30);
    const spread = random.float64() < 0.5 ? 1 : 1e-6;
    const grid = ascending(
      Array.from({ length: size }, () =>
        Math.fround(random.float64() ** 4 * spread + (spread === 1 ? 0 : 1)),
      ),
    );
    const n = 40;
    const values = Float32Array.from({ length: n }, (_, i) =>
      i % 3 === 0 ? grid[i % grid.length] : random.float64() * 1.2 * spread + (spread === 1 ? -0.1 : 1),
    );
    values[5] = Number.NaN;
    for (const metric of ['cosine', 'euclidean'] as const) {
      const labels = new Int32Array(n + 1);
      const defined = new Uint8Array(n + 1).fill(1);
      const counts = await RelationCounts.create({ metric, defined }, grid, { labels });
      counts.add({ rowStart: 0, rowEnd: 1, columnStart: 1, columnEnd: n + 1 }, { values, stride: n });
      const expected = grid.map(
        (_, bin) =>
          [...values].filter((value) =>
            metric === 'cosine'
              ? value >= grid[bin] && !(value >= (grid[bin + 1] ?? Number.POSITIVE_INFINITY))
              : value <= grid[bin] && !(value <= (grid[bin - 1] ?? Number.NEGATIVE_INFINITY)),
          ).length,
      );
      const found = counts.takeCounts();
      assert.deepEqual(
        grid.map((_, bin) => found[bin * 2]),
        expected,
      );
    }
  }
});

test('counts of a column do not overflow however many rows a tile has', async () => {
  for (const [rows, columns] of [
    [700, 3],
    [255, 70],
    [256, 1],
  ]) {
    const n = rows + columns;
    const defined = new Uint8Array(n).fill(1);
    defined[7] = 0;
    defined[rows + 1] = columns > 1 ? 0 : 1;
    const batches = Int32Array.from({ length: n }, (_, i) => (i % 5) - 1);
    const labels = Int32Array.from({ length: n }, (_, i) => i % 2);
    const counts = await RelationCounts.create({ metric: 'cosine', defined }, [0.5], { labels, batches });
    const values = new Float32Array(rows * columns).fill(0.6);
    for (let i = 0; i < 2; i++) {
      counts.add({ rowStart: 0, rowEnd: rows, columnStart: rows, columnEnd: n }, { values, stride: columns });
    }
    const expected = new Uint32Array(n * 6);
    for (let row = 0; row < rows; row++) {
      for (let column = rows; column < n; column++) {
        if (defined[row] === 0 || defined[column] === 0) continue;
        const isUnknown = batches[row] < 0 || batches[column] < 0;
        const kind = isUnknown ? 2 : batches[row] === batches[column] ? 0 : 1;
        const place = (labels[row] === labels[column] ? 0 : 3) + kind;
        expected[row * 6 + place] += 2;
        expected[column * 6 + place] += 2;
      }
    }
    assert.deepEqual(counts.takeCounts(), expected, `${rows} x ${columns}`);
  }
});

test('labels at random relate at the level of chance', async () => {
  const random = new RandomStream(5, 1);
  const n = 500;
  const rows = randomRows(6, n, 30, 0.4);
  const labels = Array.from({ length: n }, () => 'AABC'[Math.floor(random.float64() * 4)]);
  const batches = Array.from({ length: n }, () => 'xxy'[Math.floor(random.float64() * 3)]);
  for (const row of await relationsOf(rows, 'cosine', labels, batches, [0.2, 0.3])) {
    assert.ok(Math.abs(row.share - row.chance) < 0.01, JSON.stringify(row));
  }
});

test('chance is over the pairs of the batch relation', () => {
  // Labels that are batches: all pairs of a batch have the same label, and no others have.
  const groups = cellGroups(['A', 'A', 'B', 'B'], ['x', 'x', 'y', 'y'], rowNumbers(4));
  assert.equal(chanceOf('any', groups), 4 / 12);
  assert.equal(chanceOf('same_batch', groups), 1);
  assert.equal(chanceOf('other_batch', groups), 0);
});

test('cut-offs of a distance are quantiles of its pairs, with three digits', async () => {
  const rows = randomRows(7, 200, 3, 1, (random) => 1000 * random.float64());
  const space = await spaceOfMatrix(toCsr(rows), 'euclidean', 3, rowNumbers(200));
  const grid = distanceCutoffs(space);
  assert.deepEqual(grid, ascending(grid));
  assert.equal(grid.length, 20);
  const values = rows.flatMap((a, i) => rows.slice(i + 1).map((b) => pairValue('euclidean', a, b)));
  const below = (cutoff: number) => values.filter((value) => value <= cutoff).length / values.length;
  assert.ok(Math.abs(below(grid[0]) - 0.001) < 0.001 && Math.abs(below(grid[19]) - 0.9) < 0.01);
  for (const cutoff of grid) assert.equal(cutoff, Number(cutoff.toPrecision(3)));

  const equal = await spaceOfMatrix(toCsr([[1], [1], [1]]), 'euclidean', 1, rowNumbers(3));
  assert.deepEqual(distanceCutoffs(equal), [0]);
  const one = await spaceOfMatrix(toCsr([[1]]), 'euclidean', 1, rowNumbers(1));
  assert.deepEqual(distanceCutoffs(one), []);
});

test('a sample of cells is spread over all of them', () => {
  assert.deepEqual([...samplePositions(3)], [0, 1, 2]);
  const positions = samplePositions(44_500);
  assert.equal(positions.length, 1024);
  assert.ok(positions.every((p, i) => p < 44_500 && (i === 0 || p - positions[i - 1] >= 43)));
});
