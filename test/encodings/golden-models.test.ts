/** What models read of real cells, against the published procedures: see test/golden/encodings/make_models.py. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { CsrBlock } from '../../lib/cells/csr.ts';
import { QuantileBins } from '../../lib/encodings/quantile-bins.ts';
import { encodeBlock, scratchFile } from './encode.ts';
import { golden, pbmc3k, shared, skip, zheng } from './pbmc3k.ts';

type ByCount = Record<string, number>;
interface Golden {
  cells: number;
  scgpt: { left: string; right: string; random: number };
  'rank-detected': Record<string, ByCount>;
  scbert: { shares: number[]; on_edge: number; digest: string };
  scfoundation: {
    genes: number;
    positions: string;
    some: Record<string, { S: number; values: ByCount }>;
  };
  uce: Record<string, ByCount>;
  'genept-s': string;
  'genept-w': Record<string, number[]>;
}

const index = join(shared, 'models', 'scfoundation_gene_index', 'OS_scRNA_gene_index.19264.tsv');
const bytes = (list: Int32Array) => new Uint8Array(list.buffer, list.byteOffset, list.byteLength);

/** Values of the entries of `encoded` in one row, by the count that they come from. */
function* entries(counts: CsrBlock, encoded: CsrBlock, row: number) {
  const countOf = new Map<number, number>();
  for (let e = counts.indptr[row]; e < counts.indptr[row + 1]; e++)
    countOf.set(counts.indices[e], counts.values[e]);
  for (let e = encoded.indptr[row]; e < encoded.indptr[row + 1]; e++) {
    yield { column: encoded.indices[e], count: countOf.get(encoded.indices[e]), value: encoded.values[e] };
  }
}

for (const [name, data] of [
  ['pbmc3k', pbmc3k],
  ['zheng_facs_pbmc', zheng],
] as const) {
  const setUp = async () => {
    const { counts, totals, symbols, ensemblIds } = await data();
    const given = { ids: name === 'pbmc3k' ? symbols : ensemblIds, names: symbols, totals };
    return { counts, given, expected: golden<Record<string, Golden>>('models.json')[name] };
  };

  test(`scGPT on ${name}: one-sided digits of all cells equal numpy's, two-sided ones lie evenly in their range`, {
    skip,
  }, async () => {
    const { counts, given, expected } = await setUp();
    const one = await encodeBlock({ kind: 'scgpt', side: 'one', length: null }, counts, given);
    const left = createHash('sha256');
    for (let row = 0; row < counts.rows; row++) {
      left.update(
        bytes(
          Int32Array.from(one.matrix.values.subarray(one.matrix.indptr[row], one.matrix.indptr[row + 1])),
        ),
      );
    }
    assert.equal(left.digest('hex'), expected.scgpt.left);

    const both = await encodeBlock({ kind: 'scgpt', side: 'both', length: null }, counts, given);
    assert.deepEqual(both.matrix.indices, one.matrix.indices);
    const right = createHash('sha256');
    const bins = new QuantileBins(50, counts.columns);
    let random = 0;
    let place = 0;
    let highest = 0;
    for (let row = 0; row < counts.rows; row++) {
      const [start, end] = [counts.indptr[row], counts.indptr[row + 1]];
      const values = Float64Array.from(counts.values.subarray(start, end));
      bins.fit(values, end - start);
      const below = new Uint16Array(end - start);
      bins.place(values, end - start, new Uint16Array(end - start), below);
      const rights = Int32Array.from(below);
      right.update(bytes(rights));
      for (let e = start; e < end; e++) {
        const [low, high, digit] = [rights[e - start], one.matrix.values[e], both.matrix.values[e]];
        if (high - low <= 1) {
          assert.equal(digit, high);
          continue;
        }
        assert.ok(digit > low && digit <= high);
        random++;
        // Uniform on low + 1 … high: mean ½, and the highest as often as any other.
        place += (digit - low - 0.5) / (high - low);
        if (digit === high) highest += high - low;
      }
    }
    assert.equal(right.digest('hex'), expected.scgpt.right);
    assert.ok(Math.abs(random / counts.values.length - expected.scgpt.random) < 1e-12);
    assert.ok(Math.abs(place / random - 0.5) < 4 / Math.sqrt(12 * random));
    assert.ok(Math.abs(highest / random - 1) < 0.02);
  });

  test(`scBERT on ${name}: bins of all cells equal scanpy's, but where single precision decides`, {
    skip,
  }, async () => {
    const { counts, given, expected } = await setUp();
    const { model, matrix } = await encodeBlock({ kind: 'scbert', index }, counts, given);
    // The bins that scanpy's rounding decides are left out on both sides.
    const { positions, totals } = modelCells(counts, given.names, index);
    const shares = [0, 0, 0, 0, 0, 0];
    const digest = createHash('sha256');
    let onEdge = 0;
    for (let row = 0; row < counts.rows; row++) {
      const valueAt = new Map(
        Array.from(entries(counts, matrix, row), ({ column, count }) => [positions[column], count!]),
      );
      const written: number[] = [];
      for (let e = model!.offsets[row]; e < model!.offsets[row + 1]; e++) {
        const exact = Math.log2(1 + (valueAt.get(model!.genes[e])! / totals[row]) * 10_000);
        const bin = model!.values[e];
        shares[bin]++;
        if (Math.abs(exact - Math.round(exact)) < 1e-5 && exact < 5.5) onEdge++;
        else written.push(model!.genes[e] * 8 + bin);
      }
      digest.update(bytes(Int32Array.from(written)));
    }
    assert.equal(digest.digest('hex'), expected.scbert.digest);
    assert.equal(onEdge, expected.scbert.on_edge);
    for (let bin = 1; bin < 6; bin++)
      assert.ok(Math.abs(shares[bin] - expected.scbert.shares[bin]) <= onEdge, `bin ${bin}`);
  });

  test(`scFoundation on ${name}: values, S and positions equal the published ones`, { skip }, async () => {
    const { counts, given, expected } = await setUp();
    const { matrix, model, encoder } = await encodeBlock({ kind: 'scfoundation', index }, counts, given);
    assert.equal(encoder.metadata.genesUsed, 19266);
    const { found } = modelCells(counts, given.names, index);
    assert.equal(found, expected.scfoundation.genes);
    for (const [cell, { S, values }] of Object.entries(expected.scfoundation.some)) {
      for (const { column, count, value } of entries(counts, matrix, Number(cell))) {
        const wanted = column === counts.columns ? 4 : column > counts.columns ? S : values[count!];
        assert.ok(Math.abs(value - wanted) <= 1.2e-7 * wanted, `cell ${cell}: ${value}, ${wanted}`);
      }
    }
    const positions = createHash('sha256');
    for (let row = 0; row < counts.rows; row++) {
      const genes = model!.genes.subarray(model!.offsets[row], model!.offsets[row + 1]);
      assert.deepEqual([...genes.subarray(-2)], [19264, 19265]);
      positions.update(bytes(genes.slice(0, -2)));
    }
    assert.equal(positions.digest('hex'), expected.scfoundation.positions);
  });

  for (const [kind, tolerance] of [
    ['uce', 1e-7],
    ['rank-detected', 0],
  ] as const) {
    test(`${kind} on ${name}: values equal the published ones`, { skip }, async () => {
      const { counts, given, expected } = await setUp();
      const { matrix } = await encodeBlock({ kind, genes: 'all' }, counts, given);
      for (const [cell, values] of Object.entries(expected[kind])) {
        for (const { count, value } of entries(counts, matrix, Number(cell))) {
          const wanted = values[count!];
          assert.ok(Math.abs(value - wanted) <= tolerance * wanted, `cell ${cell}: ${value}, ${wanted}`);
        }
      }
      assert.equal(matrix.values.length, counts.values.length);
    });
  }

  test(`GenePT-s on ${name}: the texts of all cells equal the published ones`, { skip }, async () => {
    const { counts, given, expected } = await setUp();
    const { sentences } = await encodeBlock({ kind: 'genept-s', names: 'id' }, counts, given);
    assert.equal(createHash('sha256').update(sentences!.join('\n')).digest('hex'), expected['genept-s']);
  });

  test(`GenePT-w on ${name}: coordinates equal the published ones`, { skip }, async () => {
    const { counts, given, expected } = await setUp();
    const dims = 6;
    const vectors = given.ids.flatMap((id, g) =>
      g % 3 === 0
        ? []
        : [[id, ...Array.from({ length: dims }, (_, d) => ((g * 7 + d * 13 + g * d) % 11) - 5)].join(',')],
    );
    const path = scratchFile('vectors.csv', `gene,v1,v2,v3,v4,v5,v6\n${vectors.join('\n')}\n`);
    const { matrix } = await encodeBlock(
      { kind: 'genept-w', vectors: path, columns: ['v1', 'v2', 'v3', 'v4', 'v5', 'v6'] },
      counts,
      given,
    );
    for (const [cell, row] of Object.entries(expected['genept-w'])) {
      const found = matrix.values.subarray(matrix.indptr[Number(cell)], matrix.indptr[Number(cell) + 1]);
      for (const [d, value] of row.entries())
        assert.ok(Math.abs(found[d] - value) < 1e-6, `cell ${cell}: ${found[d]}, ${value}`);
    }
  });
}

test('scGPT on pbmc3k: genes and digits by the published vocabulary', { skip }, async () => {
  const { counts, symbols, totals } = await pbmc3k();
  for (const [file, size, known] of [
    ['default_census_vocab.json', 60_694, 11_000],
    ['default_gene_vocab.json', 48_292, 11_000],
  ] as const) {
    const options = { kind: 'scgpt', side: 'one', vocab: join(shared, 'models', 'scgpt_vocab', file) };
    const { model, matrix, encoder } = await encodeBlock(options, counts, { ids: symbols, totals });
    assert.ok(encoder.metadata.genesUsed > known, String(encoder.metadata.genesUsed));
    const cls = Number(encoder.modelNotes!.cls);
    assert.ok(cls < Number(encoder.modelNotes!.tokens) && Number(encoder.modelNotes!.tokens) <= size + 3);
    for (let row = 0; row < counts.rows; row++) {
      const { offsets, genes, values } = model!;
      assert.deepEqual([genes[offsets[row]], values[offsets[row]]], [cls, -2]);
      assert.deepEqual(
        values.slice(offsets[row] + 1, offsets[row + 1]),
        matrix.values.slice(matrix.indptr[row], matrix.indptr[row + 1]),
      );
      assert.ok(offsets[row + 1] - offsets[row] <= 1200);
    }
  }
});

/** Position of each column and total of each cell, by the first column of each name: written anew, for the test. */
function modelCells(counts: CsrBlock, names: readonly string[], path: string) {
  const rank = new Map(lines(path).map((line, i) => [line.split('\t')[0], i]));
  const taken = new Set<string>();
  const positions = names.map((name) => {
    if (taken.has(name)) return -1;
    taken.add(name);
    return rank.get(name) ?? -1;
  });
  const totals = Array.from({ length: counts.rows }, (_, row) => {
    let total = 0;
    for (let e = counts.indptr[row]; e < counts.indptr[row + 1]; e++)
      if (positions[counts.indices[e]] >= 0) total += counts.values[e];
    return total;
  });
  return { positions, totals, found: positions.filter((position) => position >= 0).length };
}

const lines = (path: string) => readFileSync(path, 'utf8').trimEnd().split('\n').slice(1);
