import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { matrix } from '../../lib/data/kinds/matrix.ts';
import { OperationalError } from '../../lib/errors.ts';
import { randomSource } from '../../lib/flow/random.ts';
import { openSpace, spaceSize } from '../../lib/pairwise/spaces/open-space.ts';
import { useKernels } from '../helpers/kernels.ts';
import { scratchFolder } from '../helpers/run-stage.ts';
import { encode, scratchFile, someCounts } from './encode.ts';

useKernels();

const ids = ['g0', 'g1', 'g2'];
const csv = 'gene,v1,v2\ng2,1,1\ng0,2,0\nother,9.5,9.5\n';

function npy(rows: number[][]): Uint8Array {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows.length}, ${rows[0].length}), }`;
  const head = Buffer.alloc(10);
  head.write('\x93NUMPY\x01\x00', 'latin1');
  head.writeUInt16LE(header.length, 8);
  return Buffer.concat([head, Buffer.from(header), Buffer.from(Float32Array.from(rows.flat()).buffer)]);
}

test('a cell is the mean of the vectors of its genes, weighted and of length 1', async () => {
  const vectors = scratchFile('v.csv', csv);
  const options = { kind: 'genept-w', vectors, target: 100 };
  const rows = [
    [3, 5, 2],
    [0, 4, 0],
    [0, 0, 8],
  ];
  const { dense, encoder, matrix } = await encode(options, rows, { totals: [50, 4, 8] });
  const [a, b] = [Math.log1p(6) * 2 + Math.log1p(4), Math.log1p(4)];
  for (const [d, value] of [a / Math.hypot(a, b), b / Math.hypot(a, b)].entries())
    assert.ok(Math.abs(dense[0][d] - value) < 1e-7);
  assert.deepEqual(dense.slice(1), [[0, 0], [1, 1].map(() => Math.fround(Math.SQRT1_2))]);
  assert.equal(encoder.columns, 2);
  assert.deepEqual(
    [encoder.metadata.genesUsed, encoder.metadata.layout, encoder.notes?.genes_with_vector],
    [2, 'dense', '2'],
  );
  assert.deepEqual([...matrix.indptr], [0, 2, 2, 4]);
  assert.deepEqual((await encode(options, rows, { totals: [50, 4, 8], used: [0, 1, 1] })).dense[0], dense[2]);
});

test('every form of file gives the same', async () => {
  const rows = [[3, 5, 2]];
  const made = async (options: object) =>
    (await encode({ kind: 'genept-w', ...options }, rows, { ids })).dense;
  const expected = await made({ vectors: scratchFile('v.csv', csv) });
  const names = scratchFile('names.txt', 'g2\ng0\nother\n');
  assert.deepEqual(await made({ vectors: scratchFile('v.tsv', csv.replaceAll(',', '\t')) }), expected);
  assert.deepEqual(
    await made({
      vectors: scratchFile(
        'v.npy',
        npy([
          [1, 1],
          [2, 0],
          [9.5, 9.5],
        ]),
      ),
      names,
    }),
    expected,
  );
  const pickle = Buffer.from('\x80\x02}(X\x02\0\0\0g2](K\x01K\x01eX\x02\0\0\0g0](K\x02K\0eu.', 'latin1');
  assert.deepEqual(await made({ vectors: scratchFile('v.pkl', pickle) }), expected);
});

test('many dimensions, and any cut into blocks of them, equal the sum by definition', async () => {
  const stream = randomSource(3, 'test').stream('vectors');
  for (const dims of [1, 7, 8, 9, 30]) {
    const vectors = Array.from({ length: 50 }, () =>
      Array.from({ length: dims }, () => Math.fround(stream.float64() - 0.5)),
    );
    const rows = someCounts(12, 50);
    const path = scratchFile('v.npy', npy(vectors));
    const names = scratchFile('names.txt', vectors.map((_, g) => `g${g}\n`).join(''));
    const { dense } = await encode({ kind: 'genept-w', vectors: path, names }, rows);
    for (const [c, row] of rows.entries()) {
      const total = row.reduce((sum, x) => sum + x, 0);
      const sums = Array.from({ length: dims }, (_, d) =>
        row.reduce((sum, x, g) => sum + Math.log1p((x / total) * 1e4) * vectors[g][d], 0),
      );
      const length = Math.hypot(...sums);
      for (let d = 0; d < dims; d++) assert.ok(Math.abs(dense[c][d] - sums[d] / length) < 1e-6);
    }
  }
});

test('matrices that cannot be meant are refused', async () => {
  const rejects = (options: object, pattern: RegExp) =>
    assert.rejects(encode({ kind: 'genept-w', ...options }, [[1, 2, 3]]), (error: unknown) => {
      assert.ok(error instanceof OperationalError, String(error));
      assert.match([error.message, error.expected, error.where, error.hint].join('\n'), pattern);
      return true;
    });
  const names = scratchFile('names.txt', 'g0\ng1\n');
  const three = scratchFile('v.npy', npy([[1], [2], [3]]));
  await rejects({ vectors: three }, /no names of genes.*`names`/s);
  await rejects({ vectors: three, names }, /has 3 rows and 1 columns.*2 rows/s);
  await rejects(
    { vectors: scratchFile('v.csv', 'gene,v0,v1\ng0,1.5,1.5\ng0,2,2\n') },
    /"g0" stands in rows 1 and 2/,
  );
  await rejects(
    { vectors: scratchFile('v.csv', 'gene,v0,v1\ng0,1.5,1.5\ng1,,2\n') },
    /NaN in row 2, column 1/,
  );
  await rejects(
    { vectors: scratchFile('v.csv', 'gene,v0,v1\nENSG00000000003,1.5,1.5\n') },
    /none of the 3 genes/,
  );
  const pickles: [string, RegExp][] = [
    ['\x80\x02}(X\x02\0\0\0g0]X\x02\0\0\0g1]u.', /has no numbers for "g0"/],
    ['}.', /not a dictionary, or an empty one/],
    ['}X\x01\0\0\0aK\x01s.', /no list of numbers for "a"/],
    ['}(X\x01\0\0\0a](K\x01K\x02eX\x01\0\0\0b](K\x01eu.', /1 numbers for "b".*2, as for the first/s],
  ];
  for (const [text, pattern] of pickles)
    await rejects({ vectors: scratchFile('v.pkl', Buffer.from(text, 'latin1')) }, pattern);
});

test('metrics take it as coordinates: ranks of negative values, distances, and no genes', async () => {
  const path = join(scratchFolder(), 'encoded');
  const rows = [
    [-1, 0, 2, 0.5],
    [3, -2, 0, 1],
  ];
  const writer = await matrix()
    .output(path)
    .create({ columns: 4, metadata: { genesUsed: 4, layout: 'dense', value: 'x' } });
  const entries = rows.map((row) => [...row.entries()].filter(([, x]) => x !== 0));
  await writer.append(
    {
      rows: 2,
      columns: 4,
      indptr: Uint32Array.of(0, 3, 6),
      indices: Int32Array.from(entries.flat(), ([d]) => d),
      values: Float32Array.from(entries.flat(), ([, x]) => x),
    },
    ['a', 'b'],
  );
  await writer.close();
  const input = matrix().input(path);
  assert.deepEqual(await spaceSize(input), { dims: 4 });
  const tile = { rowStart: 0, rowEnd: 1, columnStart: 1, columnEnd: 2 };
  const between = async (metric: 'spearman' | 'euclidean') =>
    (await openSpace(input, metric)).tile(tile).values[0];
  assert.ok(Math.abs((await between('spearman')) + 0.4) < 1e-6);
  assert.ok(Math.abs((await between('euclidean')) - Math.sqrt(24.25)) < 1e-6);
  await assert.rejects(openSpace(input, 'ochiai'), /has no genes/);
});
