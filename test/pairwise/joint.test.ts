import assert from 'node:assert/strict';
import test from 'node:test';
import { RandomStream } from '../../lib/flow/random.ts';
import { HexKernel } from '../../lib/kernels/hexagons.ts';
import { axialOf, type HexGrid, hexCells, hexCenter, hexGrid } from '../../lib/pairwise/joint/hexagons.ts';
import {
  countJoint,
  type JointPart,
  JointSums,
  jointRows,
  labelCodes,
  planJoint,
} from '../../lib/pairwise/joint/joint.ts';
import { rowNumbers } from '../../lib/pairwise/spaces/open-space.ts';
import { sparseSpace } from '../../lib/pairwise/spaces/sparse-space.ts';
import { allPairTiles } from '../../lib/pairwise/tiles/tiles.ts';
import { useKernels } from '../helpers/kernels.ts';
import { pairValue, randomRows, toCsr } from './oracle.ts';

useKernels();

/** [q, r, same code, other code] of the cells that hold any of the points, whose codes are compared with 0. */
async function countPoints(
  grid: HexGrid,
  xs: Float32Array,
  ys: Float32Array,
  codes = new Int32Array(xs.length),
) {
  const cells = hexCells(grid);
  const kernel = await HexKernel.create(cells);
  const stride = xs.length;
  kernel.addTile({
    x: { values: xs, stride },
    y: { values: ys, stride },
    rowCodes: Int32Array.of(0),
    columnCodes: codes,
    skip: 0,
  });
  const found: number[][] = [];
  for (const { cell, same, other } of kernel.takeCounts()) {
    const { q, r } = axialOf(cells, cell);
    found.push([q, r, same, other]);
  }
  return found;
}

test('every point falls into the hexagon with the nearest centre', async () => {
  const random = new RandomStream(1, 3);
  for (const options of [{}, { columns: 7 }, { columns: 12, aspect: 1.6 }]) {
    const grid = hexGrid({ min: -3, max: 5 }, { min: 100, max: 1000 }, options);
    // Distances count in the plot, where hexagons are regular.
    const inPlot = (x: number, y: number) => [x / grid.stepX, (y / grid.stepY) * (Math.sqrt(3) / 2)];
    for (let i = 0; i < 500; i++) {
      const corner = i < 4;
      const x = Math.fround(-3 + 8 * (corner ? i & 1 : random.float64()));
      const y = Math.fround(100 + 900 * (corner ? i >> 1 : random.float64()));
      const [[q, r, count], ...others] = await countPoints(grid, Float32Array.of(x), Float32Array.of(y));
      assert.equal(count, 1);
      assert.deepEqual(others, []);
      const distance = (toQ: number, toR: number) => {
        const center = hexCenter(grid, toQ, toR);
        const [u, v] = inPlot(center.x - x, center.y - y);
        return Math.hypot(u, v);
      };
      const own = distance(q, r);
      for (const [dq, dr] of [
        [1, 0],
        [-1, 0],
        [0, 1],
        [0, -1],
        [1, -1],
        [-1, 1],
      ]) {
        assert.ok(own <= distance(q + dq, r + dr) + 1e-9, `(${x}, ${y}) in (${q}, ${r})`);
      }
      // Not further than a corner of a hexagon of width 1.
      assert.ok(own <= 1 / Math.sqrt(3) + 1e-9);
    }
  }
});

test('points at edges fall where 64-bit floats put them, eight at a time or one by one', async () => {
  const random = new RandomStream(2, 3);
  // Ends that 32-bit floats hold, and ends that they do not: only the first are placed eight at a time.
  for (const [low, high] of [
    [-0.125, 0.75],
    [-0.1, 0.7],
    [1000, 1000.5],
  ]) {
    const grid = hexGrid({ min: low, max: high }, { min: 0, max: 44 });
    const n = 4001;
    const xs = new Float32Array(n);
    const ys = new Float32Array(n);
    for (let i = 0; i < n; i++) {
      // Multiples of a quarter of the steps: centres, edges and corners, and points at most some floats beside.
      const near = i % 2 === 0 ? 1 : random.float64() * 240;
      xs[i] = Math.min(high, low + (grid.stepX / 4) * Math.floor(random.float64() * 240) + near * 1e-7);
      ys[i] = Math.min(44, (grid.stepY / 3) * Math.floor(random.float64() * 207) + near * 1e-7);
    }
    const together = await countPoints(grid, xs, ys);
    const apart = new Map<string, number>();
    const cells = hexCells(grid);
    const half = Math.fround(0.5);
    for (let i = 0; i < n; i++) {
      const u = (xs[i] - cells.x0) * cells.perX;
      const v = (ys[i] - cells.y0) * cells.perY;
      const row = Math.floor(v + half);
      const place = (r: number) => {
        const shift = (((r % 2) + 2) % 2) / 2;
        const column = Math.floor(u - shift + half);
        return { r, column, distance: (u - column - shift) ** 2 + 0.75 * (v - r) ** 2 };
      };
      const own = place(row);
      const other = place(v - row > 0 ? row + 1 : row - 1);
      const { r, column } = Math.abs(v - row) > 1 / 3 && own.distance > other.distance ? other : own;
      const { q } = axialOf(cells, (r + 1) * cells.columns + column + 1);
      apart.set(`${q},${r}`, (apart.get(`${q},${r}`) ?? 0) + 1);
    }
    assert.deepEqual(new Map(together.map(([q, r, count]) => [`${q},${r}`, count])).size, apart.size);
    for (const [q, r, count] of together) assert.equal(count, apart.get(`${q},${r}`), `${q}, ${r}`);
  }
});

test('uncounted points and values are left out, classes are kept apart', async () => {
  const grid = hexGrid({ min: 0, max: 1 }, { min: 0, max: 1 });
  const values = Float32Array.of(0, 0, Number.NaN, 0, 1, 0.5, 0.25);
  const codes = Int32Array.of(0, 1, 0, -1, 7, -1, 0);
  const found = await countPoints(grid, values, values, codes);
  assert.deepEqual(found[0], [0, 0, 1, 1]);
  const total = (place: number) => found.reduce((sum, entry) => sum + entry[place], 0);
  assert.deepEqual([total(2), total(3)], [2, 2]);
});

test('a measure with a single value has a grid', async () => {
  const grid = hexGrid({ min: 1, max: 1 }, { min: 0, max: 0 });
  assert.deepEqual(await countPoints(grid, Float32Array.of(1), Float32Array.of(0)), [[0, 0, 1, 0]]);
  assert.deepEqual(hexCenter(grid, 0, 0), { x: 1, y: 0 });
});

test('tiles hold every pair once', () => {
  for (const n of [0, 1, 2, 511, 512, 513, 1100]) {
    const covered = new Uint8Array(n * n);
    for (const tile of allPairTiles(n)) {
      for (let i = tile.rowStart; i < tile.rowEnd; i++) {
        for (let j = Math.max(tile.columnStart, tile.upper ? i + 1 : 0); j < tile.columnEnd; j++)
          covered[i * n + j]++;
      }
    }
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) if (covered[i * n + j] !== (i < j ? 1 : 0)) assert.fail(`${i}, ${j}`);
  }
});

test('the joint histogram counts each pair with two values in its hexagon, in any parts', async () => {
  const rows = [...randomRows(2, 700, 20, 0.4), new Array<number>(20).fill(0)];
  const labels = rows.map((_, i) => `type ${i % 3}`);
  const order = rowNumbers(rows.length);
  const x = await sparseSpace(toCsr(rows), 'cosine', 20, order);
  const y = await sparseSpace(toCsr(rows), 'euclidean', 20, order);
  const grid = hexGrid({ min: 0, max: 1 }, { min: 0, max: 40 }, { columns: 20 });
  const [part, ...others] = planJoint(rows.length);
  assert.deepEqual(others, []);
  const n = rows.length;
  assert.equal(part.pairs, (n * (n - 1)) / 2);

  const counts = await countJoint(x, y, labelCodes(labels), part, grid);
  const empty = rows.findIndex((row) => row.every((value) => value === 0));
  assert.ok(empty >= 0);
  let missing = 0;
  const expected = { within: new Map<string, number>(), between: new Map<string, number>() };
  const within = { n: 0, between: 0 };
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      if (x.defined[i] === 0 || x.defined[j] === 0) missing++;
      else if (labels[i] === labels[j]) within.n++;
      else within.between++;
    }
  }
  const total = (entries: readonly (readonly number[])[]) =>
    entries.reduce((sum, [, , count]) => sum + count, 0);
  assert.equal(counts.undefined, missing);
  assert.equal(total(counts.within), within.n);
  assert.equal(total(counts.between), within.between);
  // The first 60 cells pair by pair: nothing of the tiles is used here.
  const few = await countJoint(
    await sparseSpace(toCsr(rows.slice(0, 60)), 'cosine', 20, rowNumbers(60)),
    await sparseSpace(toCsr(rows.slice(0, 60)), 'euclidean', 20, rowNumbers(60)),
    labelCodes(labels.slice(0, 60)),
    planJoint(60)[0],
    grid,
  );
  for (let i = 0; i < 60; i++) {
    for (let j = i + 1; j < 60; j++) {
      const a = pairValue('cosine', rows[i], rows[j]);
      if (Number.isNaN(a)) continue;
      const b = pairValue('euclidean', rows[i], rows[j]);
      const [[q, r]] = await countPoints(grid, Float32Array.of(a), Float32Array.of(b));
      const scope = expected[labels[i] === labels[j] ? 'within' : 'between'];
      scope.set(`${q},${r}`, (scope.get(`${q},${r}`) ?? 0) + 1);
    }
  }
  for (const scope of ['within', 'between'] as const) {
    const found = new Map(few[scope].map(([q, r, count]) => [`${q},${r}`, count]));
    // A value on an edge may round to either side: a pair in a thousand may differ.
    let differ = 0;
    for (const key of new Set([...found.keys(), ...expected[scope].keys()])) {
      differ += Math.abs((found.get(key) ?? 0) - (expected[scope].get(key) ?? 0));
    }
    assert.ok(differ <= 4, `${scope}: ${differ} pairs elsewhere`);
  }

  const tiles = [...allPairTiles(n)].length;
  const single = Array.from({ length: tiles }, (_, i): JointPart => ({ from: i, to: i + 1, pairs: 0 }));
  const merged = new JointSums();
  for (const one of single.reverse()) merged.add(await countJoint(x, y, labelCodes(labels), one, grid));
  assert.deepEqual(merged.result(), counts);
  const [first] = jointRows(counts, grid);
  assert.deepEqual(first, {
    scope: 'within',
    hex_q: first.hex_q,
    hex_r: first.hex_r,
    ...hexCenter(grid, first.hex_q, first.hex_r),
    step_x: grid.stepX,
    step_y: grid.stepY,
    pairs: counts.within[0][2],
  });
});

test('spaces of different cells are not joined', async () => {
  const space = await sparseSpace(
    toCsr([
      [1, 0],
      [0, 1],
    ]),
    'cosine',
    2,
    rowNumbers(2),
  );
  const grid = hexGrid({ min: 0, max: 1 }, { min: 0, max: 1 });
  await assert.rejects(
    () => countJoint(space, space, labelCodes(['a']), { from: 0, to: 1, pairs: 1 }, grid),
    /not the same cells/,
  );
});

test('no part of a joint histogram has more pairs than one hexagon can count', () => {
  const tile = 512 * 512;
  for (const rows of [1, 513, 3000, 9000]) {
    const pairs = (rows * (rows - 1)) / 2;
    for (const most of [tile, 3 * tile, 10 * tile]) {
      const parts = planJoint(rows, most);
      for (const part of parts) assert.ok(part.pairs <= most + tile, `${part.pairs} of at most ${most}`);
      assert.equal(
        parts.reduce((sum, part) => sum + part.pairs, 0),
        pairs,
      );
      assert.ok(parts.every(({ from }, i) => from === (parts[i - 1]?.to ?? 0)));
    }
  }
  // As before for all that anybody has.
  assert.equal(planJoint(44_500).length, 42);
});
