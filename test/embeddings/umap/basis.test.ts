import assert from 'node:assert/strict';
import test from 'node:test';
import { Directions, orthonormalize } from '../../../lib/embeddings/umap/init/basis.ts';
import { RandomStream } from '../../../lib/flow/random.ts';
import { BLOCK, type Panel, PanelSpace, panelJob } from '../../../lib/kernels/panels.ts';
import { useKernels } from '../../helpers/kernels.ts';

useKernels();

const ROWS = 2500;
const random = new RandomStream(4, 2);
const unit = new Float64Array(ROWS).fill(1 / Math.sqrt(ROWS));
const column = () => Float64Array.from({ length: ROWS }, () => random.float64() - 0.5);

async function open() {
  const matrix = {
    indptr: new Uint32Array(ROWS + 1),
    indices: new Uint32Array(0),
    weights: new Float64Array(0),
  };
  const space = await PanelSpace.attach(panelJob(matrix, unit, 4), 1);
  const panelOf = (columns: readonly Float64Array[]): Panel => {
    const panel = space.take();
    const values = space.view(panel);
    for (const [c, numbers] of columns.entries()) {
      for (let i = 0; i < ROWS; i++) values[i * BLOCK + c] = numbers[i];
    }
    return panel;
  };
  return { space, panelOf, directions: new Directions(new RandomStream(8, 8)) };
}

const columnOf = (space: PanelSpace, panel: Panel, c: number) =>
  Float64Array.from({ length: ROWS }, (_, i) => space.view(panel)[i * BLOCK + c]);

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < ROWS; i++) sum += a[i] * b[i];
  return sum;
}

/** Largest |QᵀQ − 1| over all panels' columns and the unit vector. */
function skewOf(space: PanelSpace, panels: readonly Panel[]): number {
  const all = [
    unit,
    ...panels.flatMap((p) => Array.from({ length: BLOCK }, (_, c) => columnOf(space, p, c))),
  ];
  let skew = 0;
  for (const [i, a] of all.entries()) {
    for (let j = 0; j <= i; j++) skew = Math.max(skew, Math.abs(dot(a, all[j]) - (i === j ? 1 : 0)));
  }
  return skew;
}

/** ‖x − what of it lies in the panels or along the unit vector‖ / ‖x‖ */
function outside(space: PanelSpace, panels: readonly Panel[], x: Float64Array): number {
  const rest = x.slice();
  for (const q of [
    unit,
    ...panels.flatMap((p) => Array.from({ length: BLOCK }, (_, c) => columnOf(space, p, c))),
  ]) {
    const product = dot(q, rest);
    for (let i = 0; i < ROWS; i++) rest[i] -= product * q[i];
  }
  return Math.sqrt(dot(rest, rest) / dot(x, x));
}

const plus = (a: Float64Array, factor: number, b: Float64Array) => a.map((value, i) => value + factor * b[i]);

test('columns of all lengths that nearly depend on each other, on the basis and on the unit vector', async () => {
  const { space, panelOf, directions } = await open();
  const basis = panelOf(Array.from({ length: BLOCK }, column));
  orthonormalize(space, basis, [], directions);
  assert.ok(skewOf(space, [basis]) < 1e-13);
  const [a, b, c, d] = [column(), column(), column(), column()];
  const given = [
    a.map((value) => value * 1e6),
    plus(a, 1e-4, b),
    plus(a, 1e-7, c),
    plus(plus(a, 1e-4, b), 1e-9, d),
    plus(unit, 1e-6, column()),
    plus(columnOf(space, basis, 3), 1e-6, column()).map((value) => value * 1e-9),
    plus(columnOf(space, basis, 5), 0.5, column()),
    column(),
  ];
  const panel = panelOf(given);
  orthonormalize(space, panel, [basis], directions);
  assert.ok(skewOf(space, [basis, panel]) < 1e-13);
  for (const x of [a, b, c, ...given]) {
    assert.ok(outside(space, [basis, panel], x) < 1e-8, `${outside(space, [basis, panel], x)}`);
  }
  // Of d there are seven digits less in what was given.
  assert.ok(outside(space, [basis, panel], d) < 1e-5);
});

test('columns without anything new are replaced by random directions', async () => {
  const { space, panelOf, directions } = await open();
  const basis = panelOf(Array.from({ length: BLOCK }, column));
  orthonormalize(space, basis, [], directions);
  const [a, b] = [column(), column()];
  const panel = panelOf([
    new Float64Array(ROWS),
    a,
    a,
    a.map((value) => -3 * value),
    plus(a, 1, b),
    b,
    unit,
    columnOf(space, basis, 0),
  ]);
  orthonormalize(space, panel, [basis], directions);
  assert.ok(skewOf(space, [basis, panel]) < 1e-13);
  for (const x of [a, b]) assert.ok(outside(space, [basis, panel], x) < 1e-13);
});

test('a panel of equal columns and one of zeros become bases', async () => {
  const { space, panelOf, directions } = await open();
  const a = column();
  const panel = panelOf(Array.from({ length: BLOCK }, () => a));
  orthonormalize(space, panel, [], directions);
  const zeros = panelOf(Array.from({ length: BLOCK }, () => new Float64Array(ROWS)));
  orthonormalize(space, zeros, [panel], directions);
  assert.ok(skewOf(space, [panel, zeros]) < 1e-13);
  assert.ok(outside(space, [panel], a) < 1e-13);
});
