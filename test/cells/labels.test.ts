import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDataset, DatasetSchema } from '../../lib/cells/dataset.ts';
import { datasetLines, tellDataset } from '../../lib/cells/dataset-told.ts';
import {
  chooseLabels,
  isNoType,
  labelNotes,
  labelProblems,
  nearlyEqualLabels,
} from '../../lib/cells/labels.ts';
import { refusal } from '../helpers/source.ts';

const choice = (more: object) => ({ merge: {}, exclude: [], only: null, ...more });
const refused = (labels: (string | null)[], more: object) =>
  refusal(async () => chooseLabels(labels, choice(more), 'atlas.h5ad: obs/cell_type'));

test('blank labels are missing, and all others are as they are', () => {
  const { labels, missing } = chooseLabels(['T', '', '  ', '\t', null, ' B'], undefined, '');
  assert.deepEqual(labels, ['T', null, null, null, null, ' B']);
  assert.equal(missing, 4);
});

test('labels are merged, then excluded, and what is left out is counted', () => {
  const found = ['T', 'T cells', 'B', 'junk', null, 'junk', 'T'];
  const { labels, missing, excluded } = chooseLabels(
    found,
    choice({ merge: { 'T cell': ['T', 'T cells'] }, exclude: ['junk'] }),
    '',
  );
  assert.deepEqual(labels, ['T cell', 'T cell', 'B', null, null, null, 'T cell']);
  assert.deepEqual([missing, excluded], [1, [{ label: 'junk', cells: 2 }]]);
  const only = chooseLabels(found, choice({ merge: { 'T cell': ['T', 'T cells'] }, only: ['T cell'] }), '');
  assert.deepEqual(only.excluded, [
    { label: 'junk', cells: 2 },
    { label: 'B', cells: 1 },
  ]);
});

test('labels that no cell has are refused with the nearest, in each of the three', async () => {
  for (const more of [{ exclude: ['unlabeled'] }, { only: ['unlabeled'] }, { merge: { X: ['unlabeled'] } }]) {
    const { all } = await refused(['unlabelled', 'T'], more);
    assert.match(all, /names "unlabeled", a label that no cell has/);
    assert.match(all, /did you mean "unlabelled"\?/);
  }
});

test('a type that would swallow another label is refused, unless it is named', async () => {
  const found = ['T', 'T cell', 'T cells'];
  const { all } = await refused(found, { merge: { 'T cell': ['T', 'T cells'] } });
  assert.match(all, /the data have cells of that label already[\s\S]*\['T cell', 'T', 'T cells'\]/);
  const named = choice({ merge: { 'T cell': ['T cell', 'T', 'T cells'] } });
  assert.deepEqual(chooseLabels(found, named, '').labels, ['T cell', 'T cell', 'T cell']);
});

test('a choice that leaves out every cell is refused', async () => {
  assert.match((await refused(['T', 'B'], { exclude: ['T', 'B'] })).message, /leaves out every cell/);
});

test('contradictions of the config are problems with a place', () => {
  const messages = (more: object) =>
    labelProblems(choice(more)).map(({ path, message }) => `${path.join('.')}: ${message}`);
  assert.deepEqual(messages({ merge: { a: ['x'], b: ['x'] } }), [
    'merge.b.0: "x" is merged into "a" already',
  ]);
  assert.deepEqual(messages({ merge: { a: ['x', 'x'] } }), [
    'merge.a.1: "x" stands twice in the labels of "a"',
  ]);
  assert.match(messages({ merge: { a: ['x'], b: ['a'] } })[0], /"a" is itself merged into "b"/);
  assert.deepEqual(messages({ merge: { a: ['x'] }, exclude: ['x'] }), [
    'exclude.0: "x" is merged into "a": name that',
  ]);
  assert.deepEqual(messages({ exclude: ['x'], only: ['x'] }), ['only.0: "x" is excluded too']);
  assert.deepEqual(messages({ exclude: ['x', 'x'] }), ['exclude.1: "x" stands twice']);
  const dataset = DatasetSchema.parse({ source: 'a.h5ad', labels: { exclude: ['x'], only: ['x'] } });
  assert.deepEqual(checkDataset({ dataset })[0].path, ['dataset', 'labels', 'only', 0]);
});

test('names of no type are known, and names of types are not taken for them', () => {
  for (const label of [
    'nan',
    'NaN',
    'NA',
    'N/A',
    'None',
    'null',
    'unknown',
    'Unknown cells',
    'unlabelled',
    'Unlabeled',
    'unassigned',
    'Unclassified neurons',
    'doublet',
    'Doublets/Contaminants',
    'Other',
    'other cells',
    'low quality',
    'low_quality',
    'not annotated',
    '?',
    '-',
    'debris',
    'T/B doublet',
    'ambiguous',
  ]) {
    assert.ok(isNoType(label), label);
  }
  for (const label of [
    'NK',
    'Naive T',
    'NA+ cells',
    'Mother cell',
    'T cell',
    'Nonclassical monocyte',
    'Neuron 1',
    '0',
    '-1',
    'Nanog+',
    'undifferentiated',
    'Other-like'.slice(6),
  ]) {
    assert.ok(!isNoType(label), label);
  }
});

test('twins by case, spaces and signs are found; plus and minus tell types apart', () => {
  assert.deepEqual(nearlyEqualLabels(['T cell', 't cell', 'T-cell', 'T cell ', 'B']), [
    ['T cell', 't cell', 'T-cell', 'T cell '],
  ]);
  assert.deepEqual(nearlyEqualLabels(['CD4+ T', 'CD4 T', 'CD4- T', 'CD56-dim', 'CD56 dim+']), []);
  assert.deepEqual(
    nearlyEqualLabels(['Müller glia', 'Mu\u0308ller glia']).length,
    1,
    'composed and decomposed letters',
  );
});

test('notes name odd labels with their cells, and twins with the merge that makes them one', () => {
  const notes = labelNotes(['nan', 'nan', 'T cell', 'T cell ', 'B', null]);
  assert.equal(notes.length, 2);
  assert.match(notes[0], /"nan" \(2 cells\) looks like the name of no type.*exclude: \['nan'\]/);
  assert.match(notes[1], /"T cell" and "T cell ".*merge: \{ 'T cell': \['T cell', 'T cell '\] \}/);
  assert.deepEqual(labelNotes(['T', 'B']), []);
});

test('what became of the cells adds up, and each reason is said once', () => {
  const labels = ['T', 'T', 'T', 'B', null, null];
  const source = {
    matrix: 'X',
    matrixReason: null,
    label: 'cell_type',
    batch: 'donor',
    geneId: 'gene_ids',
    versionsStripped: true,
    cells: 6,
    missing: 1,
    excluded: [{ label: 'junk', cells: 1 }],
    merged: { T: ['T1', 'T2'] },
    featuresLeftOut: [],
    notes: [],
  };
  const told = tellDataset(
    source,
    { labels, sampled: [true, false, false, false, false, false] },
    {
      passing: [true, true, false, true, false, false],
      dropped: { label: 2, minGenes: 1, minCounts: 0, maxMitoPercent: 0 },
    },
    { minGenes: 5, minCounts: 0, maxMitoPercent: null, minCellsPerType: 2, cellsPerType: 1 },
  );
  assert.deepEqual(datasetLines(told), [
    'Cells: 1 of 6, 1 of 2 types',
    'Taken: label: cell_type; batch: donor; counts: X; gene ids: var column gene_ids without versions',
    'Left out: 1 cells without a label; 1 cells of labels that dataset.labels leaves out (junk 1); 1 cells with fewer than 5 genes (subset.minGenes); types with fewer than 2 passing cells (subset.minCellsPerType): B 1; 1 cells not drawn (subset.cellsPerType 1)',
    'Merged: "T1", "T2" are "T"',
  ]);
});
