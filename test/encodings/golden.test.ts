/** Encodings of real cells against scanpy, scipy and the published procedures: see test/golden/encodings. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { encodeBlock } from './encode.ts';
import { golden, pbmc3k, shared, skip } from './pbmc3k.ts';

type ByCell<T> = Record<string, T>;
interface TokensGolden {
  genes: number;
  summed: number;
  lengths_sum: number;
  digests?: string;
  digest?: string;
  lists?: ByCell<number[]>;
  values?: ByCell<number[]>;
}
interface ViewsGolden {
  lognorm: Record<string, ByCell<Record<string, number>>>;
  rank: Record<string, ByCell<Record<string, number>>>;
  cell2sentence: { '200': string; null: string; some: string[] };
}

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');
const dictionaryOf = { V1: 'gc30M', V2: 'gc95M' } as const;
const dictionary = (version: 'V1' | 'V2', name: string, form = 'json') =>
  join(shared, 'models', `geneformer_${dictionaryOf[version]}`, `${name}_${dictionaryOf[version]}.${form}`);

async function geneformer(version: 'V1' | 'V2', options: object = {}, form?: string) {
  const { counts, totals, symbols, ensemblIds } = await pbmc3k();
  const files = {
    tokens: dictionary(version, 'token_dictionary', form),
    medians: dictionary(version, 'gene_median_dictionary', form),
    mapping: dictionary(version, 'ensembl_mapping_dict', form),
  };
  const given = { ids: ensemblIds, names: symbols, totals };
  return encodeBlock({ kind: 'geneformer', version, ...files, ...options }, counts, given);
}

const digestOf = (list: Int32Array) =>
  sha256(new Uint8Array(list.buffer, list.byteOffset, list.byteLength)).slice(0, 8);

for (const [name, version, options] of [
  ['V1', 'V1', {}],
  ['V1, 400 tokens', 'V1', { length: 400 }],
  ['V2', 'V2', {}],
] as const) {
  test(`Geneformer ${name}: token lists of all cells equal the published procedure's`, { skip }, async () => {
    const expected = golden<Record<string, TokensGolden>>('geneformer.json')[name];
    const { tokens, encoder } = await geneformer(version, options);
    assert.equal(encoder.metadata.genesUsed, expected.genes);
    for (const [cell, list] of Object.entries(expected.lists ?? {})) {
      assert.deepEqual([...tokens![Number(cell)]], list, `cell ${cell}`);
    }
    assert.equal(
      tokens!.reduce((sum, list) => sum + list.length, 0),
      expected.lengths_sum,
    );
    const digests = tokens!.map(digestOf);
    if (expected.digest !== undefined) assert.equal(sha256(digests.join('')), expected.digest);
    if (expected.digests !== undefined) {
      for (const [c, digest] of digests.entries()) {
        assert.equal(digest, expected.digests.slice(8 * c, 8 * c + 8), `cell ${c}`);
      }
    }
  });
}

test('Geneformer: dictionaries as pickles give the same token lists as JSON', { skip }, async () => {
  for (const version of ['V1', 'V2'] as const) {
    const { tokens } = await geneformer(version, {}, 'pkl');
    assert.deepEqual(tokens, (await geneformer(version)).tokens);
  }
});

test('Geneformer V1: values along the tokens equal the published ones and descend', { skip }, async () => {
  const expected = golden<Record<string, TokensGolden>>('geneformer.json').V1;
  const { counts, totals, ensemblIds } = await pbmc3k();
  const { tokens } = await geneformer('V1');
  const json = (name: string) =>
    JSON.parse(readFileSync(dictionary('V1', name), 'utf8')) as Record<string, number>;
  const numbers = json('token_dictionary');
  const medians = json('gene_median_dictionary');
  const columnOf = new Map(ensemblIds.map((id, column) => [numbers[id], column]));
  for (let cell = 0; cell < counts.rows; cell += 10) {
    const row = new Float64Array(counts.columns);
    for (let e = counts.indptr[cell]; e < counts.indptr[cell + 1]; e++)
      row[counts.indices[e]] = counts.values[e];
    const values = Array.from(tokens![cell], (token) => {
      const column = columnOf.get(token)!;
      return ((row[column] / totals[cell]) * 10_000) / medians[ensemblIds[column]];
    });
    for (let p = 1; p < values.length; p++)
      assert.ok(values[p - 1] >= values[p], `cell ${cell}, position ${p}`);
    for (const [p, value] of (expected.values?.[cell] ?? []).entries()) {
      assert.ok(Math.abs(values[p] - value) <= 1e-11 * value, `cell ${cell}, position ${p}`);
    }
  }
});

test('Geneformer V1: the name dictionary finds nearly the tokens that the Ensembl ids have', {
  skip,
}, async () => {
  const { counts, totals, symbols } = await pbmc3k();
  const { encoder } = await encodeBlock(
    {
      kind: 'geneformer',
      tokens: dictionary('V1', 'token_dictionary'),
      medians: dictionary('V1', 'gene_median_dictionary'),
      names: dictionary('V1', 'gene_name_id_dict'),
    },
    counts,
    { ids: symbols, totals },
  );
  const found = encoder.metadata.genesUsed;
  assert.ok(found > 11_000 && found < 12_500, `${found} genes`);
});

test('lognorm without highly expressed genes in the totals equals scanpy', { skip }, async () => {
  const { counts, totals } = await pbmc3k();
  type Excluded = { target: number | 'median'; cells: ByCell<Record<string, number>> };
  for (const [share, { target, cells }] of Object.entries(golden<ByCell<Excluded>>('excluded.json'))) {
    const options = { kind: 'lognorm', target, excludeAbove: Number(share) };
    const { matrix } = await encodeBlock(options, counts, { totals });
    for (const [cell, valueByCount] of Object.entries(cells)) {
      for (let e = counts.indptr[Number(cell)]; e < counts.indptr[Number(cell) + 1]; e++) {
        const expected = valueByCount[counts.values[e]];
        assert.ok(
          Math.abs(matrix.values[e] - expected) <= 1e-7 * expected,
          `share ${share}, cell ${cell}: ${matrix.values[e]}, expected ${expected}`,
        );
      }
    }
  }
});

test('lognorm equals scanpy, with a fixed target and with the median', { skip }, async () => {
  const { counts, totals } = await pbmc3k();
  for (const [target, cells] of Object.entries(golden<ViewsGolden>('views.json').lognorm)) {
    const options = { kind: 'lognorm', target: target === 'median' ? target : Number(target) };
    const { matrix } = await encodeBlock(options, counts, { totals });
    for (const [cell, valueByCount] of Object.entries(cells)) {
      for (let e = counts.indptr[Number(cell)]; e < counts.indptr[Number(cell) + 1]; e++) {
        const expected = valueByCount[counts.values[e]];
        assert.ok(
          Math.abs(matrix.values[e] - expected) <= 4e-7 * expected,
          `cell ${cell}: ${matrix.values[e]}, ${expected}`,
        );
      }
    }
  }
});

test('ranks equal scipy.stats.rankdata, over all genes and over a fifth of them', { skip }, async () => {
  const { counts, totals } = await pbmc3k();
  for (const [stride, cells] of Object.entries(golden<ViewsGolden>('views.json').rank)) {
    const used = Array.from({ length: counts.columns }, (_, g) => (g % Number(stride) === 0 ? 1 : 0));
    const { matrix } = await encodeBlock({ kind: 'rank' }, counts, { totals, used });
    for (const [cell, rankByCount] of Object.entries(cells)) {
      const c = Number(cell);
      let found = matrix.indptr[c];
      for (let e = counts.indptr[c]; e < counts.indptr[c + 1]; e++) {
        if (used[counts.indices[e]] === 0) continue;
        assert.equal(matrix.indices[found], counts.indices[e]);
        const rank = matrix.values[found++] + rankByCount[0];
        assert.equal(rank, rankByCount[counts.values[e]], `cell ${cell}, gene ${counts.indices[e]}`);
      }
      assert.equal(found, matrix.indptr[c + 1]);
    }
  }
});

test('cell sentences equal the published order of normalised logarithms', { skip }, async () => {
  const { counts, totals, symbols } = await pbmc3k();
  const expected = golden<ViewsGolden>('views.json').cell2sentence;
  for (const top of ['200', 'null'] as const) {
    const options = { kind: 'cell2sentence', top: JSON.parse(top) };
    const { sentences } = await encodeBlock(options, counts, { ids: symbols, totals });
    if (top === '200') assert.deepEqual(sentences!.slice(0, expected.some.length), expected.some);
    assert.equal(sha256(sentences!.join('\n')), expected[top], `top ${top}`);
  }
});
