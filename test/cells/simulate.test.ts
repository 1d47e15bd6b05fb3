import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { suite, test } from 'node:test';
import { z } from 'zod';
import {
  SimulateConfig,
  type SimulateParams,
  simulatedSource,
  typeSizes,
} from '../../lib/cells/simulated/simulate.ts';

const Schema = z.strictObject(SimulateConfig);
const small = (more: Partial<SimulateParams> = {}): SimulateParams =>
  Schema.parse({ cells: 600, genes: 300, types: 6, batches: 2, ...more });

/** Hash of all rows, however they come in blocks. */
async function digest(params: SimulateParams): Promise<string> {
  const hash = createHash('sha256');
  for await (const block of simulatedSource(params).rows()) {
    for (let i = 0; i < block.rows; i++) {
      const [from, to] = [block.indptr[i], block.indptr[i + 1]];
      hash.update(block.indices.subarray(from, to)).update(block.values.subarray(from, to)).update('|');
    }
  }
  return hash.digest('hex');
}

async function dense(params: SimulateParams): Promise<Float64Array[]> {
  const rows: Float64Array[] = [];
  for await (const block of simulatedSource(params).rows()) {
    for (let i = 0; i < block.rows; i++) {
      const row = new Float64Array(block.columns);
      for (let j = block.indptr[i]; j < block.indptr[i + 1]; j++) row[block.indices[j]] = block.values[j];
      rows.push(row);
    }
  }
  return rows;
}

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

suite('the simulated atlas', () => {
  test('is the same on every machine', async () => {
    // If this changes, everybody's simulated results change: say so in the changelog.
    assert.equal(await digest(small()), 'ff85394ab171c821ffec9f2c2d820bf68117aadd918a53f8fac1fbff83800cb4');
    assert.notEqual(await digest(small({ seed: 1 })), await digest(small()));
  });

  test('gives valid rows: ascending columns, positive whole counts, every cell once', async () => {
    const source = simulatedSource(small({ cells: 1100 }));
    let next = 0;
    for await (const block of source.rows()) {
      assert.equal(block.start, next);
      assert.equal(block.columns, 300);
      assert.equal(block.indptr.length, block.rows + 1);
      assert.equal(block.indptr[0], 0);
      assert.equal(block.indptr[block.rows], block.indices.length);
      for (let i = 0; i < block.rows; i++) {
        for (let j = block.indptr[i]; j < block.indptr[i + 1]; j++) {
          assert.ok(j === block.indptr[i] || block.indices[j] > block.indices[j - 1]);
          assert.ok(block.values[j] >= 1 && Number.isInteger(block.values[j]));
        }
      }
      next += block.rows;
    }
    assert.equal(next, 1100);
  });

  test('names cells, genes, labels and batches, each as often as there are', async () => {
    const source = simulatedSource(small());
    const [cellIds, geneIds, names, labels, batches, flags] = await Promise.all([
      source.cellIds(),
      source.geneIds(),
      source.geneNames(),
      source.labels(),
      source.batches(),
      source.annotatedGenes(),
    ]);
    assert.equal(new Set(cellIds).size, 600);
    assert.equal(new Set(geneIds).size, 300);
    assert.equal(new Set(names).size, 300);
    assert.equal(geneIds[0], 'SIM00001');
    assert.equal(names.filter((name) => name?.startsWith('MT-')).length, 10);
    assert.equal(labels.length, 600);
    assert.deepEqual([...new Set(labels)].sort(), ['A1', 'A2', 'A3', 'B1', 'B2', 'B3']);
    assert.deepEqual([...new Set(batches)].sort(), ['batch1', 'batch2']);
    const share = flags!.filter(Boolean).length / 300;
    assert.ok(share > 0.2 && share < 0.6, `share of structured genes ${share}`);
  });

  test('by default has ten types of 500 passing cells, two that are too small, and realistic zeros', async () => {
    const params = Schema.parse({});
    const source = simulatedSource(params);
    const labels = await source.labels();
    const mito = (await source.geneNames()).map((name) => name!.startsWith('MT-'));
    const passing = new Map<string, number>();
    let nnz = 0;
    for await (const block of source.rows()) {
      nnz += block.indices.length;
      for (let i = 0; i < block.rows; i++) {
        let total = 0;
        let inMito = 0;
        for (let j = block.indptr[i]; j < block.indptr[i + 1]; j++) {
          total += block.values[j];
          if (mito[block.indices[j]]) inMito += block.values[j];
        }
        const passes = block.indptr[i + 1] - block.indptr[i] >= 200 && inMito <= 0.2 * total;
        const label = labels[block.start + i]!;
        passing.set(label, (passing.get(label) ?? 0) + Number(passes));
      }
    }
    const counts = [...passing.values()].sort((a, b) => b - a);
    assert.equal(counts.length, 12);
    assert.equal(counts.filter((n) => n >= 500).length, 10);
    const dropped = params.cells - sum(counts);
    assert.ok(dropped > 0.02 * params.cells && dropped < 0.12 * params.cells, `dropped ${dropped}`);
    const zeros = 1 - nnz / (params.cells * params.genes);
    assert.ok(zeros > 0.85 && zeros < 0.93, `zeros ${zeros}`);
  });

  test('counts more with more depth', async () => {
    const shallow = sum((await dense(small({ depth: 50 }))).map(sum)) / 600;
    const deep = sum((await dense(small({ depth: 500 }))).map(sum)) / 600;
    assert.ok(shallow > 40 && shallow < 65, `mean total ${shallow}`);
    assert.ok(deep > 400 && deep < 650, `mean total ${deep}`);
  });

  test('has types that differ most in their structured genes', async () => {
    const params = small({ cells: 2000, types: 2, batches: 1, depth: 2000, sizes: 'equal' });
    const source = simulatedSource(params);
    const [labels, flags] = [await source.labels(), (await source.annotatedGenes())!];
    const rows = await dense(params);
    const means = (label: string) => {
      const members = rows.filter((_, i) => labels[i] === label);
      return Array.from(
        { length: 300 },
        (_, g) => sum(members.map((row) => row[g] / sum(row))) / members.length,
      );
    };
    const [a, b] = [means('A1'), means('A2')];
    const change = a.map((value, g) => Math.abs(Math.log((value + 1e-5) / (b[g] + 1e-5))));
    const average = (flag: boolean) => {
      const chosen = change.filter((_, g) => flags[g] === flag);
      return sum(chosen) / chosen.length;
    };
    assert.ok(average(true) > 2 * average(false), `${average(true)} against ${average(false)}`);
  });

  test('works at its smallest', async () => {
    const params = Schema.parse({ cells: 1, genes: 10, types: 1, batches: 1 });
    assert.equal((await dense(params)).length, 1);
    assert.deepEqual(await simulatedSource(params).labels(), ['A1']);
  });

  test('can have more types than there are letters for', async () => {
    const labels = await simulatedSource(small({ cells: 1000, types: 1000, sizes: 'equal' })).labels();
    assert.equal(new Set(labels).size, 1000);
  });

  test('stops when told to', async () => {
    const control = new AbortController();
    const rows = simulatedSource(small({ cells: 2000 }))
      .rows(control.signal)
      [Symbol.asyncIterator]();
    await rows.next();
    control.abort();
    await assert.rejects(rows.next(), { name: 'AbortError' });
  });
});

suite('type sizes', () => {
  test('sum to the cells, fall from type to type, and leave the last sixth rare', () => {
    const sizes = typeSizes(8000, 12, 'unequal');
    assert.equal(sum(sizes), 8000);
    for (let t = 1; t < 12; t++) assert.ok(sizes[t] < sizes[t - 1], `${sizes}`);
    assert.ok(sizes[10] < 500 && sizes[9] > 550, `${sizes}`);
  });

  test('are equal up to rounding if asked', () => {
    assert.deepEqual(typeSizes(10, 3, 'equal'), [3, 3, 4]);
    assert.deepEqual(typeSizes(2, 3, 'equal'), [0, 1, 1]);
    assert.deepEqual(typeSizes(44_500, 89, 'equal'), new Array(89).fill(500));
  });
});
