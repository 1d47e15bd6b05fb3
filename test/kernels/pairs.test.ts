import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { pathToFileURL } from 'node:url';
import { RandomStream } from '../../lib/flow/random.ts';
import { buildKernels } from '../../lib/kernels/build.ts';
import { instantiateKernel } from '../../lib/kernels/memory.ts';
import {
  attachKernel,
  integerRows,
  layIntegers,
  laySparse,
  type RowScalars,
  type SparseRows,
} from '../../lib/kernels/pairs.ts';
import { useKernels } from '../helpers/kernels.ts';
import { scratchFolder } from '../helpers/run-stage.ts';
import { randomRows, toCsr } from '../pairwise/oracle.ts';

const sparseKernel = (rows: SparseRows, scalars: RowScalars) => attachKernel(laySparse(rows, scalars));
const integerKernel = (rows: SparseRows, scalars: RowScalars) =>
  attachKernel(layIntegers(integerRows(rows), scalars));

useKernels();

function sparse(rows: number[][]): SparseRows {
  const csr = toCsr(rows);
  return { ...csr, indices: Uint32Array.from(csr.indices) };
}

/** Scalars under which the value of a pair is its dot product divided by `scale`. */
const dots = (rows: number, scale: number) => ({
  finish: 'correlation' as const,
  c: 0,
  s: new Float64Array(rows),
  w: new Float64Array(rows).fill(1 / Math.sqrt(scale)),
});

const whole = (n: number) => ({ rowStart: 0, rowEnd: n, columnStart: 0, columnEnd: n });

test('the integer kernel gives the bits of the float kernel, for any size of row and value', async () => {
  for (const [seed, n, columns, density, largest] of [
    [1, 5, 1, 1, 3],
    [2, 17, 33, 0.5, 50],
    [3, 40, 500, 0.1, 4000],
    [4, 33, 301, 1, 32767],
    [5, 16, 64, 0, 1],
  ]) {
    const rows = randomRows(seed, n, columns, density, (random) => 1 + random.int(largest));
    const scale = columns * largest * largest;
    const a = (await sparseKernel(sparse(rows), dots(n, scale))).tile(whole(n));
    const b = (await integerKernel(sparse(rows), dots(n, scale))).tile(whole(n));
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const expected = rows[i].reduce((sum, x, g) => sum + x * rows[j][g], 0) / scale;
        assert.ok(Math.abs(a.values[i * a.stride + j] - expected) <= 1e-7 * Math.max(1e-3, expected));
        assert.equal(b.values[i * b.stride + j], a.values[i * a.stride + j], `seed ${seed}: ${i}, ${j}`);
      }
    }
  }
});

test('sums of the largest values do not overflow', async () => {
  const columns = 2001;
  const rows = [new Array(columns).fill(32767), new Array(columns).fill(32767)];
  const scale = columns * 32767 * 32767;
  const { values } = (await integerKernel(sparse(rows), dots(2, scale))).tile(whole(2));
  assert.equal(values[1], 1);
});

test('a tile of any place and shape holds the same values as the whole', async () => {
  const n = 70;
  const rows = sparse(randomRows(7, n, 40, 0.3));
  const kernel = await sparseKernel(rows, dots(n, 1e4));
  const all = kernel.tile(whole(n));
  const expected = all.values.slice();
  const random = new RandomStream(8, 1);
  for (let repeat = 0; repeat < 50; repeat++) {
    const [rowStart, columnStart] = [random.int(n), random.int(n)];
    const rowEnd = rowStart + 1 + random.int(n - rowStart);
    const columnEnd = columnStart + 1 + random.int(n - columnStart);
    const upper = repeat % 2 === 0;
    const tile = kernel.tile({ rowStart, rowEnd, columnStart, columnEnd, upper });
    for (let i = rowStart; i < rowEnd; i++) {
      for (let j = columnStart; j < columnEnd; j++) {
        if (upper && i >= j) continue;
        const found = tile.values[(i - rowStart) * tile.stride + j - columnStart];
        assert.equal(found, expected[i * all.stride + j]);
      }
    }
  }
});

test('minus zero comes out as zero', async () => {
  const rows = sparse([
    [1, -1, 0],
    [0, 0, 1],
    [1, 1, 0],
  ]);
  const w = Float64Array.of(-1, 1, 1);
  const kernel = await sparseKernel(rows, { finish: 'correlation', c: 0, s: new Float64Array(3), w });
  assert.ok(Object.is(kernel.tile(whole(3)).values[1], 0));
});

test('a build is the same every time, and is not repeated for nothing', async () => {
  const assembly = join(import.meta.dirname, '../../lib/kernels/assembly');
  const folder = join(scratchFolder(), 'kernels');
  mkdirSync(join(folder, 'assembly'), { recursive: true });
  for (const name of ['pairs.ts', 'pairs'])
    cpSync(join(assembly, name), join(folder, 'assembly', name), { recursive: true });
  assert.deepEqual(await buildKernels(folder), [join(folder, 'pairs.wasm')]);
  const first = readFileSync(join(folder, 'pairs.wasm'));
  assert.deepEqual(first, readFileSync(join(import.meta.dirname, '../../lib/kernels/pairs.wasm')));
  assert.deepEqual(await buildKernels(folder), []);
  writeFileSync(join(folder, 'pairs.wasm'), first.subarray(0, 100));
  assert.deepEqual(await buildKernels(folder), [join(folder, 'pairs.wasm')]);
  writeFileSync(join(folder, 'assembly/pairs/finish.ts'), '// nothing left');
  await assert.rejects(buildKernels(folder), /assembly\/pairs.ts does not compile/);
  writeFileSync(join(folder, 'assembly/pairs.ts'), 'export function f(): i32 { return "x"; }');
  await assert.rejects(buildKernels(folder), /assembly\/pairs.ts does not compile/);
});

test('a kernel that is not built says how to build it', async () => {
  const url = pathToFileURL(join(scratchFolder(), 'absent.wasm'));
  await assert.rejects(instantiateKernel(url), {
    message: 'the kernels are not built',
    hint: /npm run build:kernels/,
  });
});
