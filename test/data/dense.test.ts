/** Embeddings, neighbours and token lists. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { tableFromIPC } from 'apache-arrow';
import { embedding } from '../../lib/data/kinds/embedding.ts';
import { neighbors } from '../../lib/data/kinds/neighbors.ts';
import { tokens } from '../../lib/data/kinds/tokens.ts';
import type { Embedding, Neighbors } from '../../lib/data/kinds/types.ts';
import { cellNames, sha256, streamOf, temporaryFolder } from './generate.ts';

const file = temporaryFolder();

function someEmbedding(cells: number, dims: number): Embedding {
  const random = streamOf('embedding', cells, dims);
  return {
    cellIds: cellNames(cells),
    labels: Array.from({ length: cells }, (_, i) => (i % 3 === 0 ? null : `type ${i % 2}`)),
    dims,
    values: Float32Array.from({ length: cells * dims }, () => random.float64() - 0.5),
  };
}

for (const [cells, dims] of [
  [0, 2],
  [1, 1],
  [3, 0],
  [5, 3],
  [65_539, 2],
]) {
  test(`an embedding of ${cells} cells × ${dims} is read back as written`, async () => {
    const path = file(`embedding-${cells}-${dims}.arrow`);
    const value = someEmbedding(cells, dims);
    await embedding().output(path).write(value);
    assert.deepEqual(await embedding().input(path).read(), value);
    const fields = tableFromIPC(readFileSync(path)).schema.fields.map(({ name }) => name);
    assert.deepEqual(fields, ['cell_id', 'label', ...Array.from({ length: dims }, (_, d) => `d${d + 1}`)]);
  });
}

test('an embedding with a value that is not finite is refused, with cell and dimension', async () => {
  const value = someEmbedding(3, 2);
  value.values[3] = Number.NaN;
  await assert.rejects(embedding().output(file('nan.arrow')).write(value), {
    message: 'embedding: NaN for cell "cell-1" (row 1) in d2',
  });
});

test('an embedding of the wrong size is refused', async () => {
  await assert.rejects(
    embedding()
      .output(file('size.arrow'))
      .write({ ...someEmbedding(3, 2), dims: 3 }),
    { message: /3 cells × 3 has 3 labels and 6 values/ },
  );
});

test('an embedding is not read from another kind of file', async () => {
  await neighbors().output(file('not.arrow')).write(someNeighbors(3, 2));
  await assert.rejects(embedding().input(file('not.arrow')).read(), {
    kind: 'data',
    message: /not an embedding/,
  });
  await embedding().output(file('not.arrow')).write(someEmbedding(3, 2));
  await assert.rejects(neighbors().input(file('not.arrow')).read(), {
    kind: 'data',
    message: /not a file of neighbours/,
  });
});

function someNeighbors(cells: number, k: number): Neighbors {
  const random = streamOf('neighbors', cells, k);
  return {
    cellIds: cellNames(cells),
    k,
    indices: Int32Array.from({ length: cells * k }, () => random.int(cells)),
    distances: Float32Array.from({ length: cells * k }, () => random.float64()),
  };
}

for (const [cells, k] of [
  [0, 15],
  [1, 1],
  [7, 3],
  [65_539, 3],
]) {
  test(`${k} neighbours of ${cells} cells are read back as written`, async () => {
    const path = file(`neighbors-${cells}-${k}.arrow`);
    const value = someNeighbors(cells, k);
    await neighbors().output(path).write(value);
    assert.deepEqual(await neighbors().input(path).read(), value);
    const { schema } = tableFromIPC(readFileSync(path));
    assert.equal(
      String(schema),
      `Schema<{ 0: cell_id: Utf8, 1: neighbors: FixedSizeList[${k}]<Int32>, 2: distances: FixedSizeList[${k}]<Float32> }>`,
    );
  });
}

test('neighbours beyond the cells, and distances that are not finite, are refused', async () => {
  const write = (value: Neighbors) => neighbors().output(file('bad.arrow')).write(value);
  const value = someNeighbors(3, 2);
  await assert.rejects(write({ ...value, indices: Int32Array.of(0, 1, 1, 3, 2, 0) }), {
    message: /cell 1 has neighbour 3 of 3/,
  });
  await assert.rejects(write({ ...value, distances: new Float32Array(6).fill(Number.NaN) }), {
    message: /distance NaN/,
  });
  await assert.rejects(write({ ...value, k: 3 }), { message: /3 cells × 3: 6 indices/ });
  await assert.rejects(
    write({ cellIds: [], k: 0, indices: new Int32Array(), distances: new Float32Array() }),
    { message: /at least 1/ },
  );
});

function someLists(cells: number): Int32Array[] {
  const random = streamOf('tokens', cells);
  return Array.from({ length: cells }, () =>
    Int32Array.from({ length: random.int(4) === 0 ? 0 : random.int(40) }, () => random.int(25_426)),
  );
}

test('token lists are read back as written, and their bytes do not depend on the appends', async () => {
  const cells = cellNames(9001);
  const lists = someLists(9001);
  const hashes = new Set<string>();
  for (const step of [9001, 4096, 1000, 17]) {
    const path = file(`tokens-${step}.arrow`);
    const writer = await tokens().output(path).create({ vocabulary: 'gc30M', maximum: '2048' });
    for (let start = 0; start < 9001; start += step) {
      await writer.append(cells.slice(start, start + step), lists.slice(start, start + step));
    }
    await writer.close();
    hashes.add(sha256(path));
    const read = await tokens().input(path).read();
    assert.deepEqual(read, { cellIds: cells, lists, notes: { maximum: '2048', vocabulary: 'gc30M' } });
  }
  assert.equal(hashes.size, 1);
});

test('no token lists at all', async () => {
  const writer = await tokens().output(file('none.arrow')).create();
  await writer.append([], []);
  await writer.close();
  assert.deepEqual(await tokens().input(file('none.arrow')).read(), { cellIds: [], lists: [], notes: {} });
});

test('a token list without a cell is refused', async () => {
  const writer = await tokens().output(file('odd.arrow')).create();
  await assert.rejects(writer.append(['a'], []), { message: 'tokens: 1 cell ids and 0 lists' });
  await writer.close();
});
