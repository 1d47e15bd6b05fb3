import assert from 'node:assert/strict';
import test from 'node:test';
import { fuzzyGraph } from '../../../lib/embeddings/umap/graph/fuzzy-graph.ts';
import type { Graph } from '../../../lib/embeddings/umap/graph/graph.ts';
import { componentPlaces } from '../../../lib/embeddings/umap/init/component-places.ts';
import { connectedComponents } from '../../../lib/embeddings/umap/init/components.ts';
import { rootDegrees } from '../../../lib/embeddings/umap/init/normalized-adjacency.ts';
import { type Spectrum, spectralCoordinates } from '../../../lib/embeddings/umap/init/spectral.ts';
import { spectralLayout } from '../../../lib/embeddings/umap/init/spectral-layout.ts';
import { RandomStream } from '../../../lib/flow/random.ts';
import { runTeam } from '../../../lib/flow/workers/parallel.ts';
import { useKernels } from '../../helpers/kernels.ts';
import { golden, makeCells, neighborsOf, unpack } from './golden.ts';

useKernels();

const random = new RandomStream(3, 5);

function graphOf(pairs: readonly (readonly [number, number, number])[], cells: number): Graph {
  const rows: [number, number][][] = Array.from({ length: cells }, () => []);
  for (const [i, j, weight] of pairs) {
    rows[i].push([j, weight]);
    rows[j].push([i, weight]);
  }
  for (const row of rows) row.sort((a, b) => a[0] - b[0]);
  const indptr = new Uint32Array(cells + 1);
  for (const [i, row] of rows.entries()) indptr[i + 1] = indptr[i] + row.length;
  return {
    cells,
    indptr,
    indices: Uint32Array.from(rows.flatMap((row) => row.map(([j]) => j))),
    weights: Float32Array.from(rows.flatMap((row) => row.map(([, weight]) => weight))),
  };
}

const ring = (cells: number) =>
  graphOf(
    Array.from({ length: cells }, (_, i) => [i, (i + 1) % cells, 1] as const),
    cells,
  );

/** Largest ‖Lv − λv‖ of the axes, and how far they are from orthonormal. */
function check(graph: Graph, { eigenvalues, coordinates }: Spectrum): { residual: number; skew: number } {
  const { cells, indptr, indices, weights } = graph;
  const dims = eigenvalues.length;
  const roots = rootDegrees(graph);
  let residual = 0;
  let skew = 0;
  for (let d = 0; d < dims; d++) {
    let square = 0;
    for (let i = 0; i < cells; i++) {
      let image = (1 - eigenvalues[d]) * coordinates[i * dims + d];
      for (let e = indptr[i]; e < indptr[i + 1]; e++) {
        image -= (weights[e] / (roots[i] * roots[indices[e]])) * coordinates[indices[e] * dims + d];
      }
      square += image * image;
    }
    residual = Math.max(residual, Math.sqrt(square));
    for (let other = 0; other <= d; other++) {
      let dot = other === d ? -1 : 0;
      for (let i = 0; i < cells; i++) dot += coordinates[i * dims + d] * coordinates[i * dims + other];
      skew = Math.max(skew, Math.abs(dot));
    }
  }
  return { residual, skew };
}

test("eigenvalues and vectors are scipy's, up to nothing but rounding", async () => {
  const neighbors = neighborsOf(makeCells(1200, 6, 7, 320, 5), 15);
  const graph = await fuzzyGraph(neighbors, { setOpMixRatio: 1, localConnectivity: 1 }, 500);
  assert.equal(graph.weights.length, golden.spectrum.edges);
  const spectrum = await spectralCoordinates(graph, { dims: 5, random });
  const expected = unpack(golden.spectrum.vectors);
  for (let d = 0; d < 5; d++) {
    const value = golden.spectrum.eigenvalues[d + 1];
    assert.ok(Math.abs(spectrum.eigenvalues[d] - value) < 1e-7, `${spectrum.eigenvalues[d]} for ${value}`);
    let dot = 0;
    for (let i = 0; i < 1200; i++) dot += expected[i * 5 + d] * spectrum.coordinates[i * 5 + d];
    for (let i = 0; i < 1200; i++) {
      const apart = spectrum.coordinates[i * 5 + d] - Math.sign(dot) * expected[i * 5 + d];
      assert.ok(Math.abs(apart) < 1e-6, `axis ${d} of cell ${i} is off by ${apart}`);
    }
    const axis = Array.from({ length: 1200 }, (_, i) => spectrum.coordinates[i * 5 + d]);
    assert.ok(Math.max(...axis) === Math.max(...axis.map(Math.abs)), 'the largest coordinate is positive');
  }
  const { residual, skew } = check(graph, spectrum);
  assert.ok(residual < 1e-7 && skew < 1e-12, `${residual} ${skew}`);
});

for (const [cells, dims] of [
  [40, 4],
  [900, 6],
]) {
  test(`a ring of ${cells}: eigenvalues come in pairs and none is missed`, async () => {
    const graph = ring(cells);
    const spectrum = await spectralCoordinates(graph, { dims, random });
    for (let d = 0; d < dims; d++) {
      const expected = 1 - Math.cos((2 * Math.PI * (Math.floor(d / 2) + 1)) / cells);
      assert.ok(Math.abs(spectrum.eigenvalues[d] - expected) < 1e-10);
    }
    const { residual, skew } = check(graph, spectrum);
    assert.ok(residual < 1e-9 && skew < 1e-11, `${residual} ${skew}`);
  });
}

for (const dims of [3, 12]) {
  test(`a star, whose eigenvalue 1 repeats as often as it has points, in ${dims} dimensions`, async () => {
    const cells = 700;
    const graph = graphOf(
      Array.from({ length: cells - 1 }, (_, i) => [0, i + 1, 1] as const),
      cells,
    );
    const spectrum = await spectralCoordinates(graph, { dims, random });
    assert.ok(spectrum.eigenvalues.every((value) => Math.abs(value - 1) < 1e-9));
    const { residual, skew } = check(graph, spectrum);
    assert.ok(residual < 1e-9 && skew < 1e-11, `${residual} ${skew}`);
  });
}

test('forty groups that single weak edges join: eigenvalues of 10⁻⁷ are told apart', async () => {
  const groups = 40;
  const size = 50;
  const stream = new RandomStream(1, 9);
  const pairs = new Map<string, [number, number, number]>();
  for (let i = 0; i < groups * size; i++) {
    for (let e = 0; e < 8; e++) {
      const j = Math.floor(i / size) * size + stream.int(size);
      if (i !== j) pairs.set(`${Math.min(i, j)} ${Math.max(i, j)}`, [i, j, 0.1 + stream.float64()]);
    }
  }
  for (let g = 0; g < groups; g++) pairs.set(`weak ${g}`, [g * size, ((g + 1) % groups) * size, 1e-3]);
  const graph = graphOf([...pairs.values()], groups * size);
  const spectrum = await spectralCoordinates(graph, { dims: 5, random });
  assert.ok(spectrum.eigenvalues[0] > 0 && spectrum.eigenvalues[0] < 1e-6);
  const { residual, skew } = check(graph, spectrum);
  assert.ok(residual < 1e-12 && skew < 1e-11, `${residual} ${skew}`);
});

test('two rings that one weak edge joins: the first axis tells them apart', async () => {
  const half = 300;
  const pairs: [number, number, number][] = [[0, half, 1e-6]];
  for (let i = 0; i < half; i++) {
    pairs.push([i, (i + 1) % half, 1], [half + i, half + ((i + 1) % half), 1]);
  }
  const graph = graphOf(pairs, 2 * half);
  const { eigenvalues, coordinates } = await spectralCoordinates(graph, { dims: 1, random });
  assert.ok(eigenvalues[0] > 0 && eigenvalues[0] < 1e-8, `${eigenvalues[0]}`);
  for (let i = 0; i < half; i++) {
    assert.ok(coordinates[i] * coordinates[half + i] < 0);
    assert.ok(Math.abs(Math.abs(coordinates[i]) - 1 / Math.sqrt(2 * half)) < 1e-5);
  }
});

test('a large graph gives the same bytes on this thread and on teams of 1, 2, 3 and 7', async () => {
  const cells = 9000;
  const stream = new RandomStream(2, 7);
  const pairs = new Map<number, [number, number, number]>();
  for (let i = 0; i < cells; i++) {
    // Three parts, and few ways from one to the next.
    for (let e = 0; e < 5; e++) {
      const j = i % 100 === 0 && e === 0 ? stream.int(cells) : (i % 3) + 3 * stream.int(cells / 3);
      if (i !== j) pairs.set(Math.min(i, j) * cells + Math.max(i, j), [i, j, 0.1 + stream.float64()]);
    }
  }
  const graph = graphOf([...pairs.values()], cells);
  const options = () => ({ dims: 2, random: new RandomStream(3, 5) });
  const expected = await spectralCoordinates(graph, options());
  const { residual, skew } = check(graph, expected);
  assert.ok(expected.isConverged && residual < 1e-8 && skew < 1e-11, `${residual} ${skew}`);
  for (const threads of [1, 2, 3, 7]) {
    let calls = 0;
    const found = await spectralCoordinates(graph, {
      ...options(),
      team: (module, data, onMessage) => {
        calls++;
        return runTeam(module, data, threads, onMessage);
      },
    });
    assert.equal(calls, 1);
    assert.deepEqual(found, expected);
  }
  const controller = new AbortController();
  const stopped = spectralCoordinates(graph, {
    ...options(),
    signal: controller.signal,
    team: (module, data, onMessage) => runTeam(module, data, 2, onMessage),
  });
  controller.abort();
  await assert.rejects(stopped, { name: 'AbortError' });
});

test('components are numbered by their first cells', () => {
  const graph = graphOf(
    [
      [0, 3, 1],
      [1, 4, 1],
      [4, 5, 1],
    ],
    6,
  );
  const { count, labels, members } = connectedComponents(graph);
  assert.equal(count, 3);
  assert.deepEqual(labels, Uint32Array.of(0, 1, 2, 0, 1, 1));
  assert.deepEqual(
    members.map((cells) => [...cells]),
    [[0, 3], [1, 4, 5], [2]],
  );
});

test('each of two components is laid out around its own place by its own spectrum', async () => {
  const pairs: [number, number, number][] = [];
  // No two eigenvalues alike, no mirror image: the axes and their signs are certain.
  for (let i = 0; i < 29; i++) pairs.push([i, i + 1, 1 + ((i * 7) % 5)]);
  for (let i = 0; i < 19; i++) pairs.push([30 + i, 31 + i, 1 + ((i * i) % 7)]);
  const layout = await spectralLayout(graphOf(pairs, 50), { dims: 2, random });
  for (const [start, end, place] of [
    [0, 30, 1],
    [30, 50, -1],
  ]) {
    const own = graphOf(
      pairs.filter(([i]) => i >= start && i < end).map(([i, j, w]) => [i - start, j - start, w] as const),
      end - start,
    );
    const { coordinates } = await spectralCoordinates(own, { dims: 2, random });
    const largest = Math.max(...coordinates.map(Math.abs));
    for (let i = start; i < end; i++) {
      for (let d = 0; d < 2; d++) {
        // Places (1, 0) and (−1, 0) are 2 apart.
        const expected = (d === 0 ? place : 0) + coordinates[(i - start) * 2 + d] / largest;
        assert.ok(Math.abs(layout[i * 2 + d] - expected) < 1e-9);
      }
    }
  }
});

test('isolated points and small components are scattered around their places', async () => {
  const graph = graphOf([[0, 1, 1]], 4);
  const layout = await spectralLayout(graph, { dims: 2, random });
  const places = [
    [1, 0],
    [1, 0],
    [0, 1],
    [-1, 0],
  ];
  // The nearest other place is √2 away.
  for (const [i, place] of places.entries()) {
    for (let d = 0; d < 2; d++) assert.ok(Math.abs(layout[i * 2 + d] - place[d]) <= Math.SQRT1_2);
  }
});

test("many components are placed by the distances of their centroids, as scikit-learn's spectral embedding", async () => {
  const { distances, places } = golden.places;
  const components = connectedComponents(graphOf([], 7));
  const found = await componentPlaces(components, {
    dims: 2,
    random,
    centroidDistances: () => Float64Array.from(distances),
  });
  for (const [e, place] of places.entries()) assert.ok(Math.abs(found[e] - place) < 1e-8);
});

test('many components without known centroids are placed anywhere', async () => {
  const graph = graphOf(
    Array.from({ length: 40 }, (_, c) => [2 * c, 2 * c + 1, 1] as const),
    80,
  );
  const layout = await spectralLayout(graph, { dims: 2, random });
  assert.equal(new Set(layout).size, 160);
  assert.ok(layout.every(Number.isFinite));
});

test('a spectrum that is not found gives way to random places, and the user is told', async () => {
  const graph = ring(900);
  const options = { dims: 3, random, mostProducts: 1 };
  assert.equal((await spectralCoordinates(graph, options)).isConverged, false);
  const notes: string[] = [];
  const layout = await spectralLayout(graph, { ...options, onNote: (note) => notes.push(note) });
  assert.match(notes.join(), /^the eigenvectors of the graph \(900 cells\) were not found/);
  assert.ok(layout.every((value) => Math.abs(value) <= 10));
  const found = await spectralLayout(graph, {
    dims: 3,
    random,
    onNote: () => assert.fail('nothing to tell'),
  });
  assert.notDeepEqual(layout, found);
});
