import assert from 'node:assert/strict';
import test from 'node:test';
import { randomSource } from '../../lib/flow/random.ts';
import { BLOCK, type Panel, PanelSpace, panelJob } from '../../lib/kernels/panels.ts';
import { useKernels } from '../helpers/kernels.ts';

useKernels();

/** More rows than a tile of the kernel has, and not a multiple of it; fewer than are summed up apart. */
const ROWS = 300;
const SQUARE = BLOCK * BLOCK;
const random = randomSource(1, 'test').stream('panels');
const numbers = (length: number) => Float64Array.from({ length }, () => random.float64() - 0.5);

/** Three entries a row, but none in row 7. */
function matrixOf(rows: number) {
  const perRow = Array.from({ length: rows }, (_, i) =>
    i === 7 ? [] : [i, (i * 5) % rows, (i * 11) % rows],
  );
  const indptr = new Uint32Array(rows + 1);
  for (const [i, columns] of perRow.entries()) indptr[i + 1] = indptr[i] + columns.length;
  const indices = Uint32Array.from(perRow.flat());
  return { indptr, indices, weights: numbers(indices.length) };
}

const matrix = matrixOf(ROWS);
const unit = numbers(ROWS);

async function open(count: number) {
  const space = await PanelSpace.attach(panelJob(matrix, unit, 4), 1);
  const panels = Array.from({ length: count }, () => space.take());
  for (const panel of panels) space.view(panel).set(numbers(ROWS * BLOCK));
  return { space, panels, before: panels.map((panel) => space.view(panel).slice()) };
}

/** QᵀX, summed row by row. */
function products(q: Float64Array, x: Float64Array): Float64Array {
  const out = new Float64Array(SQUARE);
  for (let i = 0; i < x.length; i += BLOCK) {
    for (let e = 0; e < SQUARE; e++) out[e] += q[i + Math.floor(e / BLOCK)] * x[i + (e % BLOCK)];
  }
  return out;
}

function unitProducts(x: Float64Array): Float64Array {
  const out = new Float64Array(BLOCK);
  for (let e = 0; e < x.length; e++) out[e % BLOCK] += unit[Math.floor(e / BLOCK)] * x[e];
  return out;
}

/** Q M */
function times(q: Float64Array, m: Float64Array): Float64Array {
  return q.map((_, at) => {
    const [row, c] = [at - (at % BLOCK), at % BLOCK];
    let sum = 0;
    for (let r = 0; r < BLOCK; r++) sum += q[row + r] * m[r * BLOCK + c];
    return sum;
  });
}

function image(x: Float64Array): Float64Array {
  const { indptr, indices, weights } = matrix;
  return x.map((_, at) => {
    const [i, c] = [Math.floor(at / BLOCK), at % BLOCK];
    let sum = 0;
    for (let e = indptr[i]; e < indptr[i + 1]; e++) sum += weights[e] * x[indices[e] * BLOCK + c];
    return sum;
  });
}

test('a step of a recurrence, to the bit', async () => {
  const { space, panels, before } = await open(2);
  const [x, y] = before;
  space.advance(panels[0], panels[1], 1.5, 0.25, 0.125);
  const expected = image(x).map((sum, at) => 1.5 * (sum - 0.25 * x[at]) - 0.125 * y[at]);
  assert.deepEqual(new Float64Array(space.view(panels[1])), expected);
});

test('products of panels with a panel and its image, to the bit', async () => {
  const { space, panels, before } = await open(3);
  const [p, q, x] = before;
  assert.deepEqual(
    space.innerProducts(panels.slice(0, 2), panels[2]),
    Float64Array.of(...products(p, x), ...products(q, x), ...unitProducts(x)),
  );
  assert.deepEqual(space.gram(panels[2]), products(x, x));
  assert.deepEqual(
    space.imageProducts(panels.slice(0, 2), panels[2]),
    Float64Array.of(...products(p, image(x)), ...products(q, image(x))),
  );
  const thetas = numbers(BLOCK);
  const squares = new Float64Array(BLOCK);
  for (const [at, value] of image(x).entries()) {
    const rest = value - thetas[at % BLOCK] * x[at];
    squares[at % BLOCK] += rest * rest;
  }
  assert.deepEqual(space.squaredResiduals(panels[2], thetas), squares);
});

test('products with small matrices, in place and of several panels, to the bit', async () => {
  const { space, panels, before } = await open(3);
  const [p, q, x] = before;
  const m = numbers(SQUARE);
  assert.deepEqual(space.multiplyThenGram(panels[2], m), products(times(x, m), times(x, m)));
  assert.deepEqual(new Float64Array(space.view(panels[2])), times(x, m));
  const n = numbers(SQUARE);
  const sum = times(p, m).map((value, at) => value + times(q, n)[at]);
  const combined = space.combine(panels.slice(0, 2), Float64Array.of(...m, ...n));
  assert.deepEqual(new Float64Array(space.view(combined)), sum);
  space.giveBack(combined);
  space.mix(panels.slice(0, 2), [Float64Array.of(...m, ...n), Float64Array.of(...n, ...m)]);
  assert.deepEqual(new Float64Array(space.view(panels[0])), sum);
  assert.deepEqual(
    new Float64Array(space.view(panels[1])),
    times(p, n).map((value, at) => value + times(q, m)[at]),
  );
});

test('a panel and the unit vector are taken out of another', async () => {
  const { space, panels, before } = await open(2);
  const [q, x] = before;
  const factors = numbers(SQUARE + BLOCK);
  const gram = space.removeThenGram([panels[0]], panels[1], factors);
  const minus = factors.map((factor) => -factor);
  const rest = times(q, minus.slice(0, SQUARE)).map(
    (value, at) => x[at] + value + unit[Math.floor(at / BLOCK)] * minus[SQUARE + (at % BLOCK)],
  );
  assert.deepEqual(new Float64Array(space.view(panels[1])), rest);
  assert.deepEqual(gram, products(rest, rest));
});

test('long sums are those of their ranges, and every row counts once', async () => {
  const rows = 2 * 1024 + 5;
  const space = await PanelSpace.attach(panelJob(matrixOf(rows), new Float64Array(rows), 1), 1);
  const x: Panel = space.take();
  space.view(x).fill(1);
  assert.deepEqual(space.gram(x), new Float64Array(SQUARE).fill(rows));
  const ranges: [number, number][] = [];
  space.forRanges((first, end) => ranges.push([first, end]));
  assert.deepEqual(ranges, [
    [0, 1024],
    [1024, 2048],
    [2048, 2053],
  ]);
});

test('no more panels than were asked for, and one that was given back is there again', async () => {
  const { space, panels } = await open(4);
  assert.throws(() => space.take(), /more panels/);
  space.giveBack(panels[1]);
  assert.equal(space.take(), panels[1]);
});
