import assert from 'node:assert/strict';
import test from 'node:test';
import { RandomStream } from '../../lib/flow/random.ts';
import { ValueCounter } from '../../lib/kernels/counts.ts';
import { HexKernel } from '../../lib/kernels/hexagons.ts';
import { KernelMemory, sharedMemory } from '../../lib/kernels/memory.ts';
import { attachKernel, type KernelRows } from '../../lib/kernels/pairs.ts';
import { valueGrid } from '../../lib/pairwise/quantiles/value-grid.ts';
import { useKernels } from '../helpers/kernels.ts';

useKernels();

const GIGABYTE = 2 ** 30;

test('more than kernels can address is refused, with what would fit', () => {
  for (const memory of [sharedMemory(), new WebAssembly.Memory({ initial: 1, maximum: 65536 })]) {
    const room = new KernelMemory(memory);
    const refused = (error: { kind?: string; message: string; expected?: string }) =>
      error.kind === 'data' && /GB/.test(error.message) && /at most 4.3 GB/.test(error.expected!);
    assert.throws(() => room.allocate(4 * GIGABYTE), refused);
    assert.throws(() => room.allocate(400 * GIGABYTE), refused);
    // What was refused is not handed out.
    const first = room.allocate(4096);
    assert.equal(room.allocate(64), first + 4096);
    assert.throws(() => room.allocate(4 * GIGABYTE - 4096), refused);
  }
});

/** Rows, behind so many bytes that nobody uses (nor writes, so that they take no memory). */
function rowsBehind(bytes: number, values: Float32Array, dims: number): KernelRows {
  const memory = sharedMemory();
  const room = new KernelMemory(memory);
  if (bytes > 0) room.allocate(bytes);
  const rows = values.length / dims;
  const at = room.allocate(values.length * 4);
  room.float32(at, values.length).set(values);
  const [s, w] = [room.allocate((rows + 64) * 8), room.allocate((rows + 64) * 8)];
  for (let row = 0; row < rows; row++) {
    const own = values.subarray(row * dims, (row + 1) * dims);
    room.float64(s, rows)[row] = own.reduce((sum, x) => sum + x, 0);
    room.float64(w, rows)[row] = 1 / Math.sqrt(own.reduce((sum, x) => sum + x * x, 0));
  }
  const layout = { kind: 'dense', values: at } as const;
  return { id: `behind ${bytes}`, memory, layout, columns: dims, finish: 'correlation', c: 0, s, w };
}

test('values are made and counted alike beyond 2 and 3 GB of memory', async () => {
  const stream = new RandomStream(1, 2);
  const [rows, dims] = [90, 70];
  const values = Float32Array.from({ length: rows * dims }, () => stream.float64() - 0.3);
  const grid = valueGrid(-1, 1, 1 << 10);
  const made = async (bytes: number) => {
    const kernelRows = rowsBehind(bytes, values, dims);
    const kernel = await attachKernel(kernelRows);
    const tile = { rowStart: 0, rowEnd: rows, columnStart: 0, columnEnd: rows };
    const { values: pairs, stride } = kernel.tile(tile);
    assert.ok(pairs.byteOffset >= bytes);
    const copy = Array.from({ length: rows }, (_, row) => [
      ...pairs.subarray(row * stride, row * stride + rows),
    ]);
    const counter = await ValueCounter.create(grid, 1, kernelRows);
    const block = { values: pairs, first: 0, rows, columns: rows, stride, upper: false, inKernel: true };
    counter.load(block);
    const moments = counter.count(0);
    const places = counter.seek(0, [0, grid.bins], [10, 4000]);
    counter.mark(0, 400, 800);
    counter.gather(0);
    const chosen = [...counter.siftSorted(0)];
    const counts = [...counter.counts(0)];
    const cells = { x0: -1, y0: -1, perX: 20, perY: 20, columns: 44, rows: 44 };
    const hexagons = await HexKernel.create(cells, kernelRows);
    const codes = Int32Array.from({ length: rows }, (_, i) => i % 3);
    const x = { values: Float32Array.from(copy.flat()), stride: rows };
    hexagons.addTile({ x, y: { values: pairs, stride }, rowCodes: codes, columnCodes: codes, skip: 1 });
    return { copy, moments, places, chosen, counts, hexagons: hexagons.takeCounts() };
  };
  const low = await made(0);
  assert.ok(low.chosen.length > 100 && low.hexagons.length > 10);
  for (const bytes of [2 * GIGABYTE - 4096, 2 * GIGABYTE, 3.5 * GIGABYTE]) {
    assert.deepEqual(await made(bytes), low, `${bytes}`);
  }
});
