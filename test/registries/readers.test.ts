/** A new reader, here of a folder, is one file and one line. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { Project } from '../helpers/project.ts';
import { register } from './register.ts';

const project = new Project({ code: true });
after(() => project.remove());

const READER = `import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CellSource } from '../../cells/source.ts';
import { dataError } from '../../errors.ts';
import type { Reader } from './reader.ts';

const table = (path: string) =>
  readFileSync(path, 'utf8').trim().split('\\n').map((line) => line.split(','));

function open(folder: string): CellSource {
  const [[, ...genes], ...rows] = table(join(folder, 'counts.csv'));
  const labels = new Map(table(join(folder, 'labels.csv')).map(([cell, label]) => [cell, label]));
  const cells = rows.map(([cell]) => cell);
  if (cells.length === 0) throw dataError('no cells', { where: folder });
  return {
    cells: cells.length,
    genes: genes.length,
    matrix: 'counts.csv',
    cellIds: async () => cells,
    geneIds: async () => genes,
    geneNames: async () => genes.map(() => null),
    labels: async () => cells.map((cell) => labels.get(cell) ?? null),
    batches: async () => undefined,
    annotatedGenes: async () => undefined,
    choices: async () => ({
      matrix: 'counts.csv', matrixReason: null, label: 'labels.csv', batch: null, geneId: 'index',
      versionsStripped: false, cells: cells.length, missing: 0, excluded: [], merged: {}, featuresLeftOut: [], notes: [],
    }),
    async *rows() {
      const stored = rows.map((row) => row.slice(1).map(Number).flatMap((n, g) => (n > 0 ? [[g, n]] : [])));
      const indptr = new Uint32Array(rows.length + 1);
      for (const [i, row] of stored.entries()) indptr[i + 1] = indptr[i] + row.length;
      yield {
        start: 0, rows: rows.length, columns: genes.length, indptr,
        indices: Int32Array.from(stored.flat().map(([g]) => g)),
        values: Float32Array.from(stored.flat().map(([, n]) => n)),
      };
    },
    close: async () => {},
  };
}

export const pair: Reader = {
  name: 'pair',
  reads: 'a folder with counts.csv and labels.csv',
  recognise: (path) => existsSync(join(path, 'counts.csv')) && existsSync(join(path, 'labels.csv')),
  open: async (path) => open(path),
  inspect: async (path) => {
    const { cells, genes } = open(path);
    const ids = { kind: 'other', examples: [], distinct: true, versioned: false };
    return {
      path, bytes: 0, format: 'pair of tables', cells, genes, matrices: [], counts: 'counts.csv', countsReason: null,
      notes: [], obs: [], labels: ['label'], chosenLabel: 'label', batches: [], label: null, var: [],
      cellIds: ids, geneIds: ids, idColumns: [], geneNames: null, mitoGenes: 0, obsm: [], highlyVariable: null, depth: null,
    };
  },
};
`;

const counts = (cells: number) =>
  [
    'cell,g0,g1,g2,g3',
    ...Array.from({ length: cells }, (_, i) => `c${i},${1 + (i % 3)},${i % 2},2,${i % 5}`),
  ].join('\n');
const labels = (cells: number) =>
  Array.from({ length: cells }, (_, i) => `c${i},${i % 2 ? 'odd' : 'even'}`).join('\n');

test('before, the folder is refused with what can be read', async () => {
  mkdirSync(project.path('data'));
  writeFileSync(project.path('data/counts.csv'), counts(60));
  writeFileSync(project.path('data/labels.csv'), labels(60));
  project.config.dataset = { source: 'data', label: 'label' };
  project.config.hvg = { flavor: 'none' };
  project.config.subset = { minGenes: 0, minCellsPerGene: 0, minCellsPerType: 5, cellsPerType: 20 };
  const { code, stderr } = await project.rankloom('run', 'load');
  assert.equal(code, 2, stderr);
  assert.match(stderr, /this is a folder, not a file[\s\S]*an \.h5ad file \(AnnData in HDF5\)/);
});

test('a reader that one file and one line add reads it, in a hermetic run too', async () => {
  register(project, {
    file: 'lib/data/readers/pair.ts',
    text: READER,
    registry: 'lib/data/readers/readers.ts',
    line: "export { pair } from './pair.ts';",
  });
  const { code, stderr, ran } = await project.run('--hermetic', 'encode');
  assert.equal(code, 0, stderr);
  assert.ok(ran.includes('load') && ran.includes('encode[rank]'), ran.join(', '));
  const inspected = await project.rankloom('inspect', 'data');
  assert.match(inspected.stdout, /pair of tables/, inspected.stderr);
  const refused = await project.rankloom('inspect', 'pipeline.config.json');
  assert.match(
    refused.stderr,
    /a JSON file[\s\S]*an \.h5ad file .* or a folder with counts\.csv and labels\.csv/,
  );
});

test('why says which file of the folder changed', async () => {
  writeFileSync(project.path('data/labels.csv'), labels(58));
  writeFileSync(project.path('data/notes.txt'), 'none');
  const { stdout } = await project.rankloom('why', 'load');
  assert.match(stdout, /data changed \(labels\.csv, \+notes\.txt\)/);
  rmSync(project.path('data/notes.txt'));
  writeFileSync(project.path('data/labels.csv'), labels(60));
  assert.deepEqual((await project.run('load')).ran, [], 'the same names and bytes are the same folder');
});
