import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import type { Csr } from '../../../lib/cells/csr.ts';
import { centerDense, centerSparse } from '../../../lib/embeddings/pca/centered-rows.ts';
import { principalComponents } from '../../../lib/embeddings/pca/principal-components.ts';
import { randomSource } from '../../../lib/flow/random.ts';

interface Golden {
  cells: number;
  genes: number;
  rows: number[];
  columns: number[];
  values: number[];
  singular_values: number[];
  scores: number[][];
}

const golden: Golden = JSON.parse(
  await readFile(new URL('../../golden/pca/pca.json', import.meta.url), 'utf8'),
);

function sparse(dense: Float32Array, rows: number, columns: number): Csr {
  const indptr = new Uint32Array(rows + 1);
  const indices: number[] = [];
  const values: number[] = [];
  for (let i = 0; i < rows; i++) {
    for (let g = 0; g < columns; g++) {
      if (dense[i * columns + g] === 0) continue;
      indices.push(g);
      values.push(dense[i * columns + g]);
    }
    indptr[i + 1] = indices.length;
  }
  return {
    rows,
    columns,
    indptr,
    indices: Int32Array.from(indices),
    values: Float32Array.from(values),
  };
}

function goldenDense(): Float32Array {
  const dense = new Float32Array(golden.cells * golden.genes);
  for (const [e, value] of golden.values.entries()) {
    dense[golden.rows[e] * golden.genes + golden.columns[e]] = value;
  }
  return dense;
}

function assertGolden(found: Awaited<ReturnType<typeof principalComponents>>, dims: number) {
  for (let c = 0; c < dims; c++) {
    const expected = golden.singular_values[c];
    assert.ok(
      Math.abs(found.singularValues[c] / expected - 1) < 1e-10,
      `singular value ${c}: ${found.singularValues[c]}, expected ${expected}`,
    );
    for (let i = 0; i < golden.cells; i++) {
      const score = found.scores[i * dims + c];
      // Signs included: they follow from the largest loading.
      assert.ok(Math.abs(score - golden.scores[i][c]) < 1e-5, `cell ${i}, component ${c}: ${score}`);
    }
  }
}

test('sparse rows give the components and signs of scikit-learn', async () => {
  const rows = centerSparse(sparse(goldenDense(), golden.cells, golden.genes));
  assert.equal(rows.columns, golden.genes - 1, 'a gene that no cell has takes no part');
  assertGolden(await principalComponents(rows, { dims: 12 }), 12);
});

test('dense rows give the same components as sparse ones', async () => {
  const rows = centerDense(goldenDense(), golden.cells, golden.genes);
  assertGolden(await principalComponents(rows, { dims: 12 }), 12);
});

test('a larger matrix converges before its basis is complete', async () => {
  const stream = randomSource(1, 'test').stream('pca');
  const [n, g, dims] = [400, 300, 10];
  const values = new Float32Array(n * g);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < g; j++)
      values[i * g + j] = stream.float64() + ((i + j) % 7 === 0 ? (j % 5) * 0.5 : 0);
  }
  let basis = 0;
  const rows = centerDense(values, n, g);
  const onProgress = (size: number) => {
    basis = size;
  };
  const found = await principalComponents(rows, { dims, onProgress });
  assert.ok(basis < g, `basis of ${basis}`);
  const all = await principalComponents(rows, { dims: g });
  for (let c = 0; c < dims; c++) {
    assert.ok(Math.abs(found.singularValues[c] / all.singularValues[c] - 1) < 1e-12);
    for (let i = 0; i < n; i++) {
      assert.ok(Math.abs(found.scores[i * dims + c] - all.scores[i * g + c]) < 1e-5);
    }
  }
});

test('an eigenvalue that repeats is found as often as it repeats', async () => {
  // ±3 along each of five axes and ±1 along thirty others: variances repeat exactly.
  const g = 35;
  const values = new Float32Array(2 * g * g);
  for (let j = 0; j < g; j++) {
    values[2 * j * g + j] = j < 5 ? 3 : 1;
    values[(2 * j + 1) * g + j] = j < 5 ? -3 : -1;
  }
  const { singularValues } = await principalComponents(centerDense(values, 2 * g, g), { dims: 7 });
  const expected = [3, 3, 3, 3, 3, 1, 1].map((a) => a * Math.SQRT2);
  for (const [c, value] of expected.entries()) {
    assert.ok(Math.abs(singularValues[c] - value) < 1e-12, `${c}: ${singularValues[c]}`);
  }
});

test('components beyond the rank are zero, not rounding errors', async () => {
  const g = 20;
  const values = new Float32Array(6 * g);
  for (let i = 0; i < 6; i++) for (let j = 0; j < g; j++) values[i * g + j] = 1000 + i * (j + 1);
  const { scores, singularValues } = await principalComponents(centerDense(values, 6, g), { dims: 3 });
  assert.ok(singularValues[0] > 0);
  assert.deepEqual([...singularValues.slice(1)], [0, 0]);
  for (let i = 0; i < 6; i++) assert.deepEqual([...scores.slice(i * 3 + 1, i * 3 + 3)], [0, 0]);
});

test('cells that are all equal stand at the origin', async () => {
  const { scores } = await principalComponents(centerDense(new Float32Array(5 * 4).fill(0.1), 5, 4), {
    dims: 2,
  });
  assert.deepEqual([...scores], new Array(10).fill(0));
});

test('one cell stands at the origin', async () => {
  const { scores } = await principalComponents(centerDense(Float32Array.of(1, 2, 3), 1, 3), { dims: 1 });
  assert.deepEqual([...scores], [0]);
});
