import assert from 'node:assert/strict';
import test from 'node:test';
import { symmetricEigen } from '../../../lib/embeddings/pca/symmetric-eigen.ts';
import { randomSource } from '../../../lib/flow/random.ts';

/** Checks A V = V Λ and VᵀV = 1. */
function assertDecomposes(a: Float64Array, n: number) {
  const { values, vectors } = symmetricEigen(a, n);
  for (let i = 0; i < n; i++) {
    if (i > 0) assert.ok(values[i - 1] >= values[i]);
    for (let r = 0; r < n; r++) {
      let image = 0;
      let dot = 0;
      for (let k = 0; k < n; k++) {
        image += a[r * n + k] * vectors[k * n + i];
        dot += vectors[k * n + r] * vectors[k * n + i];
      }
      assert.ok(Math.abs(image - values[i] * vectors[r * n + i]) < 1e-11 * n, `A v = λ v at ${r}, ${i}`);
      assert.ok(Math.abs(dot - (r === i ? 1 : 0)) < 1e-12, `orthonormal at ${r}, ${i}`);
    }
  }
}

test('random symmetric matrices are decomposed', () => {
  for (const n of [1, 2, 3, 10, 61]) {
    const stream = randomSource(n, 'test').stream('eigen');
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) {
        a[i * n + j] = stream.float64() * 2 - 1;
        a[j * n + i] = a[i * n + j];
      }
    }
    assertDecomposes(a, n);
  }
});

test('eigenvalues of a known matrix', () => {
  // The path graph's Laplacian: 2 − 2 cos(kπ/n).
  const n = 6;
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    a[i * n + i] = i === 0 || i === n - 1 ? 1 : 2;
    if (i > 0) a[i * n + i - 1] = a[(i - 1) * n + i] = -1;
  }
  const { values } = symmetricEigen(a, n);
  for (let k = 0; k < n; k++) {
    assert.ok(Math.abs(values[n - 1 - k] - (2 - 2 * Math.cos((k * Math.PI) / n))) < 1e-14);
  }
});

test('zero, diagonal and repeated eigenvalues are handled', () => {
  assertDecomposes(new Float64Array(16), 4);
  assertDecomposes(Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), 3);
  assertDecomposes(new Float64Array(25).fill(1), 5);
  assert.deepEqual(symmetricEigen(new Float64Array(0), 0).values.length, 0);
});
