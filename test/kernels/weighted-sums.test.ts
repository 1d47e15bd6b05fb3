import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomSource } from '../../lib/flow/random.ts';
import { WeightedSums } from '../../lib/kernels/weighted-sums.ts';
import { useKernels } from '../helpers/kernels.ts';

useKernels();

for (const dims of [1, 7, 8, 19]) {
  test(`sums of ${dims} dimensions have the bits of a plain loop, block after block of any size`, async () => {
    const stream = randomSource(dims, 'test').stream('sums');
    const count = 13;
    const vectors = Float32Array.from({ length: count * dims }, () => stream.float64() - 0.5);
    const kernel = await WeightedSums.create(count, dims, (vector, d) => vectors[vector * dims + d]);
    assert.equal(kernel.stride % 8, 0);
    for (const rows of [3, 0, 40, 1]) {
      const starts = new Uint32Array(rows + 1);
      for (let row = 0; row < rows; row++) starts[row + 1] = starts[row] + stream.int(row === 1 ? 1 : 30);
      const entries = Int32Array.from({ length: starts[rows] + 5 }, () => stream.int(count));
      const weights = Float64Array.from(entries, () => stream.float64());
      const sums = kernel.sums(entries, weights, starts);
      assert.equal(sums.length, rows * kernel.stride);
      for (let row = 0; row < rows; row++) {
        for (let d = 0; d < kernel.stride; d++) {
          let expected = 0;
          for (let e = starts[row]; d < dims && e < starts[row + 1]; e++) {
            expected += weights[e] * vectors[entries[e] * dims + d];
          }
          assert.equal(sums[row * kernel.stride + d], expected);
        }
      }
    }
  });
}
