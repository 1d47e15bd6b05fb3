import assert from 'node:assert/strict';
import test from 'node:test';
import { randomSource } from '../../lib/flow/random.ts';
import { DescendingOrder } from '../../lib/stats/descending-order.ts';

const byDefinition = (values: ArrayLike<number>) =>
  Array.from(values, (_, i) => i).sort((a, b) => values[b] - values[a] || a - b);

test('orders positions by descending value, equal values by position', () => {
  const stream = randomSource(0, 'test').stream('order');
  const draw: Record<string, () => number> = {
    'few whole numbers': () => stream.int(4),
    'whole numbers of any size': () => stream.uint32(),
    fractions: () => stream.float64(),
    'one single-precision number, apart by ulps': () => 1 + stream.int(5) * Number.EPSILON,
    'many magnitudes': () => 10 ** (stream.int(90) - 45) * stream.float64(),
    'too small and too large for single precision': () => [0, 1e-300, 2e-300, 1, 1e300, 2e300][stream.int(6)],
    'all equal': () => 7,
  };
  const order = new DescendingOrder(500);
  for (const [name, value] of Object.entries(draw)) {
    for (const n of [500, 0, 1, 2, 33]) {
      const values = Float64Array.from({ length: 500 }, value);
      const found = [...order.sort(values, n).subarray(0, n)];
      assert.deepEqual(found, byDefinition(values.subarray(0, n)), `${name}, ${n} values`);
    }
  }
});
