import assert from 'node:assert/strict';
import test from 'node:test';
import { randomSource } from '../../lib/flow/random.ts';
import { BLOCK, type Panel, PanelSpace } from '../../lib/kernels/panels.ts';
import { useKernels } from '../helpers/kernels.ts';

useKernels();

/** More rows than a tile of the kernel has, and not a multiple of it. */
const ROWS = 300;
const random = randomSource(1, 'test').stream('panels');

/** Three entries a row, but none in row 7. */
const perRow = Array.from({ length: ROWS }, (_, i) => (i === 7 ? [] : [i, (i * 5) % ROWS, (i * 11) % ROWS]));
const indptr = new Uint32Array(ROWS + 1);
for (const [i, columns] of perRow.entries()) indptr[i + 1] = indptr[i] + columns.length;
const indices = Uint32Array.from(perRow.flat());
const weights = Float64Array.from(indices, () => random.float64() - 0.5);

async function open(): Promise<{ space: PanelSpace; x: Panel; y: Panel }> {
  const space = await PanelSpace.open({ indptr, indices, weights }, 2);
  const [x, y] = [space.take(), space.take()];
  for (let e = 0; e < x.length; e++) {
    x[e] = random.float64() - 0.5;
    y[e] = random.float64() - 0.5;
  }
  return { space, x, y };
}

test('a step of a recurrence, to the bit', async () => {
  const { space, x, y } = await open();
  const expected = y.map((before, at) => {
    const [i, c] = [Math.floor(at / BLOCK), at % BLOCK];
    let sum = 0;
    for (let e = indptr[i]; e < indptr[i + 1]; e++) sum += weights[e] * x[indices[e] * BLOCK + c];
    return 1.5 * (sum - 0.25 * x[at]) - 0.125 * before;
  });
  space.advance(x, y, 1.5, 0.25, 0.125);
  assert.deepEqual(y, expected);
});

test('inner products and products of panels, to the bit', async () => {
  const { space, x, y } = await open();
  const products = new Float64Array(BLOCK * BLOCK);
  space.innerProducts(x, y, products);
  for (let r = 0; r < BLOCK; r++) {
    for (let c = 0; c < BLOCK; c++) {
      let sum = 0;
      for (let i = 0; i < ROWS; i++) sum += x[i * BLOCK + r] * y[i * BLOCK + c];
      assert.equal(products[r * BLOCK + c], sum);
    }
  }
  const expected = y.map((before, at) => {
    const [i, c] = [Math.floor(at / BLOCK), at % BLOCK];
    let sum = 0;
    for (let r = 0; r < BLOCK; r++) sum += x[i * BLOCK + r] * products[r * BLOCK + c];
    return before + sum;
  });
  space.addProduct(y, x, products);
  assert.deepEqual(y, expected);
});

test('a panel that was given back is handed out again, empty', async () => {
  const { space, x, y } = await open();
  const before = y.slice();
  space.giveBack(x);
  const again = space.take();
  assert.equal(again.byteOffset, x.byteOffset);
  assert.ok(again.every((value) => value === 0));
  assert.deepEqual(y, before);
  assert.throws(() => space.take(), /more panels/);
});
