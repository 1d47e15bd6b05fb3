/** Odd inputs on their way from rows to a layout, through the stages. */
import assert from 'node:assert/strict';
import test from 'node:test';
import embed from '../../stages/embed.ts';
import neighbors from '../../stages/neighbors.ts';
import { useKernels } from '../helpers/kernels.ts';
import { runStage } from '../helpers/run-stage.ts';
import { randomRows } from '../pairwise/oracle.ts';

useKernels();

async function layoutOf(rows: readonly (readonly number[])[], options: object = {}): Promise<Float32Array> {
  const cellIds = rows.map((_, i) => `cell${i}`);
  const labels = rows.map(() => 'T');
  const values = Float32Array.from(rows.flat());
  const embeddings = { u: { method: 'umap', of: 'x', epochs: 30, ...options } };
  const config = { dataset: { source: 'simulated' }, encodings: { x: {} }, embeddings };
  const given = {
    kind: 'embedding',
    read: async () => ({ cellIds, labels, dims: rows[0].length, values }),
  };
  const [name] = neighbors.each!({ ...config, neighbors: { exactUpTo: null } } as never);
  const { neighbors: found } = await runStage(neighbors, config, name, { rows: given });
  const sample = { kind: 'table', read: async () => ({ cell_id: cellIds, label: labels }) };
  const made = await runStage(embed, config, 'u', { sample, neighbors: found, rows: given });
  const { dims, values: layout } = await made.embedding.read();
  assert.equal(layout.length, rows.length * dims);
  assert.ok(layout.every((value) => Math.abs(value) < 1000));
  return layout;
}

const inits = ['spectral', 'random'] as const;

test('one cell stands at the origin', async () => {
  for (const init of inits)
    assert.deepEqual([...(await layoutOf([[1, 2, 3]], { init, dims: 3 }))], [0, 0, 0]);
});

test('no more cells than neighbours: a layout of distinct points', async () => {
  for (const cells of [2, 3, 14, 15]) {
    for (const init of inits) {
      const layout = await layoutOf(randomRows(cells, cells, 4, 1), { init });
      const places = new Set(
        Array.from({ length: cells }, (_, i) => `${layout[2 * i]} ${layout[2 * i + 1]}`),
      );
      assert.equal(places.size, cells);
    }
  }
});

test('all cells equal', async () => {
  for (const init of inits)
    await layoutOf(
      Array.from({ length: 60 }, () => [1, 2, 3]),
      { init },
    );
});

test('duplicates lie together', async () => {
  const rows = randomRows(6, 100, 5, 1);
  const layout = await layoutOf([...rows, ...rows], { neighbors: 5 });
  const apart = (i: number, j: number) =>
    Math.hypot(layout[2 * i] - layout[2 * j], layout[2 * i + 1] - layout[2 * j + 1]);
  let nearer = 0;
  for (let i = 0; i < 100; i++) if (apart(i, i + 100) < apart(i, (i + 37) % 100)) nearer++;
  assert.ok(nearer > 95, `${nearer} of 100`);
});

test('more parts than axes that no edge joins, and some of them small', async () => {
  for (const init of inits) {
    // Seven parts, the last of four cells.
    const rows = randomRows(7, 124, 3, 1).map(([x, y, z], i) => [x + 1e4 * Math.floor(i / 20), y, z]);
    const layout = await layoutOf(rows, { neighbors: 4, init });
    for (let part = 0; part < 6; part++) {
      const own = layout.subarray(part * 40, part * 40 + 40);
      assert.ok(new Set(own).size > 30, 'the cells of a part do not fall together');
    }
  }
});

test('a cell that nobody counts as a neighbour, and has no edge left', async () => {
  const rows = [...randomRows(8, 60, 4, 1), [1e5, 0, 0, 0], [0, 1e5, 0, 0]];
  for (const init of inits) await layoutOf(rows, { neighbors: 4, setOpMixRatio: 0, init });
});

test('cells that the metric is not defined for are nearest to each other', async () => {
  const rows = randomRows(9, 80, 4, 1).map((row, i) => (i % 8 === 0 ? [0, 0, 0, 0] : row));
  await layoutOf(rows, { metric: 'cosine', neighbors: 5 });
});

test('fitted to some cells: the others come to lie among their like', async () => {
  // Three types, far from each other.
  const rows = randomRows(10, 240, 4, 1).map((row, i) => row.map((x) => x + 50 * (i % 3)));
  for (const options of [{}, { init: 'pca' }, { neighbors: 40, fitCells: 30, companion2d: true, dims: 3 }]) {
    const { dims = 2 } = options as { dims?: number };
    const layout = await layoutOf(rows, { neighbors: 8, fitCells: 90, epochs: 200, ...options });
    const apart = (i: number, j: number) => {
      let square = 0;
      for (let d = 0; d < dims; d++) square += (layout[i * dims + d] - layout[j * dims + d]) ** 2;
      return square;
    };
    let alike = 0;
    for (let i = 0; i < rows.length; i++) {
      let nearest = i === 0 ? 1 : 0;
      for (let j = 0; j < rows.length; j++) if (j !== i && apart(i, j) < apart(i, nearest)) nearest = j;
      if (nearest % 3 === i % 3) alike++;
    }
    assert.ok(alike > 225, `${alike} of 240 with ${JSON.stringify(options)}`);
  }
});

test('fitted to as many cells as there are: the layout of all', async () => {
  const rows = randomRows(11, 90, 4, 1);
  assert.deepEqual(await layoutOf(rows, { fitCells: 90 }), await layoutOf(rows));
});

test('fitted to two cells of many', async () => {
  await layoutOf(randomRows(12, 50, 4, 1), { fitCells: 2 });
});
