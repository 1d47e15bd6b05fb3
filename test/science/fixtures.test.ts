/**
 * The worked examples (fixtures) that every implementation must reproduce, and the relations (properties) that it must
 * satisfy: which test holds each. Where a test lies elsewhere its title is looked for, so that this list stays true; what
 * has no better place is tested here and in properties.test.ts.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { centerDense } from '../../lib/embeddings/pca/centered-rows.ts';
import { principalComponents } from '../../lib/embeddings/pca/principal-components.ts';
import { componentRegression } from '../../lib/evaluation/scores/component-regression.ts';

/** What is shown → files with titles of tests, or with what a title begins with. */
type Held = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

const FIXTURES: Held = {
  '1 Spearman with ties; constant rows have none': {
    'pairwise/spaces.test.ts': ['Spearman equals the fixture of science.md'],
    'encodings/values.test.ts': ['ranks are average ranks minus the rank of zeros'],
    'pairwise/agreement.test.ts': ['constant values and fewer than two have no correlation'],
  },
  '2 normalize_total to the median, and without highly expressed genes': {
    'encodings/values.test.ts': [
      'lognorm to the median total equals scanpy normalize_total with no target',
      'lognorm without highly expressed genes in the totals equals scanpy normalize_total',
    ],
  },
  '3 Geneformer: values, tie blocks, a tie that rounding splits': {
    'encodings/geneformer.test.ts': [
      'genes stand in descending order of counts per median, ties in column order',
      'values are those of the published order of operations, ulps included',
    ],
  },
  '4 cell2sentence: order and inverse': {
    'encodings/cell2sentence.test.ts': ['a sentence names genes by descending count'],
    'evaluation/diagnostics/inverse.test.ts': ['the published example: counts 0, 3, 1, 0, 7, 2'],
  },
  '5 scBERT: bins and their edges': {
    'encodings/models.test.ts': [
      'scbert: bins begin at 0, 1, 3, 7, 15 and 31 counts per 10,000',
      'scbert: a value on the edge of a bin is in it, whatever the total',
    ],
  },
  '6 scGPT: edges and digits': {
    'encodings/scgpt.test.ts': [
      'scgpt: edges and digits of a cell with ties',
      'scgpt: digits of 1 … 100 in 51 bins',
    ],
  },
  '7 scFoundation values; UCE weights': {
    'encodings/models.test.ts': [
      'scfoundation: values with S and T',
      'uce: expected multiplicities are 1,024 times the weights',
    ],
  },
  '8 variable genes, seurat; cell_ranger refuses the same matrix': {
    'cells/hvg.test.ts': ['are those of a worked example'],
    'cells/hvg-scanpy.test.ts': ['cell_ranger: genes of equal means are refused, with what to do'],
  },
  '9 variable genes, seurat_v3 and cell_ranger': {
    'cells/hvg-scanpy.test.ts': [
      'seurat_v3: expected variances, normalised variances and order of a worked example',
      'cell_ranger: bins and scores of a worked example',
    ],
  },
  '10 loess: vertices and values': {
    'cells/loess.test.ts': ['vertices and values are those of R and scikit-misc'],
  },
  '11 UMAP: scale and memberships': {
    'embeddings/umap/fuzzy-graph.test.ts': [
      'distances 1 to 4: the scale stops where umap-learn stops',
      'memberships of distances 1 to 4',
    ],
  },
  '12 silhouettes, mutual information, Rand index (component regression is below)': {
    'evaluation/scores/metrics.test.ts': [
      'silhouettes of a worked example: a label of one cell has 0 and is left out of batches',
      'mutual information and Rand index of a worked example, and those of scikit-learn',
    ],
  },
  '13 LISI of one cell': {
    'evaluation/scores/metrics.test.ts': ['the index of one cell is that of a worked example'],
  },
};

const PROPERTIES: Held = {
  '1 monotone transforms change no order, but bins of scBERT': {
    'encodings/models.test.ts': [
      'digits, texts and ranks do not change when counts are scaled or their logarithm is taken; bins of scBERT do',
    ],
    'encodings/cell2sentence.test.ts': [
      'the order does not change when counts are scaled or their logarithm is taken',
    ],
    'encodings/values.test.ts': ['ranks do not change when counts are scaled or their logarithm is taken'],
  },
  '2 Geneformer: totals and all medians change nothing, one median one gene; medians of 1 are cell2sentence':
    {
      'encodings/geneformer.test.ts': [
        'doubling totals or all medians changes nothing; another median moves only its gene',
        'with all medians 1, the order is that of cell sentences',
      ],
    },
  '3 permuted genes': {
    'encodings/models.test.ts': [
      'permuting genes permutes each encoding, and genes without counts change nothing',
    ],
    'encodings/geneformer.test.ts': ['permuting genes permutes the encoding when there are no ties'],
    'encodings/values.test.ts': ['permuting genes permutes values and ranks'],
  },
  '4 genes without counts: encodings stay, Spearman tends to the overlap': {
    'encodings/models.test.ts': [
      'permuting genes permutes each encoding, and genes without counts change nothing',
    ],
    'encodings/cell2sentence.test.ts': ['genes without counts change nothing'],
    'encodings/values.test.ts': [
      'with ever more genes without counts, Spearman tends to the overlap of detected genes',
    ],
    'pairwise/spaces.test.ts': [
      'genes that no cell has count: more of them draw Spearman towards the overlap of detected genes',
    ],
  },
  '5 truncation beyond the genes of a cell is the identity; else what it cuts is told': {
    'encodings/geneformer.test.ts': [
      'a length at or above the number of genes cuts nothing, a shorter one keeps the first',
    ],
    'evaluation/diagnostics/cell-losses.test.ts': [
      'a sentence of three words cuts the rest of the genes, with their counts',
    ],
  },
  '6 the inverse of a straight line is that line': {
    'evaluation/diagnostics/inverse.test.ts': ['a straight line comes back, with all that it explains'],
  },
  '7 scGPT: equal values are chance, others are not': {
    'encodings/scgpt.test.ts': [
      'scgpt: equal values have digits uniform on 1 … 50, values that equal no two edges have but one',
    ],
  },
  '8 UCE: multiplicities sum to 1,024 (properties.test.ts, too)': {
    'encodings/models.test.ts': ['uce: expected multiplicities are 1,024 times the weights'],
  },
  '9 constant genes come last, equal genes score alike': {
    'cells/hvg.test.ts': [
      'leave a constant gene without a score, so that it never comes ahead',
      'gives duplicated genes equal scores',
    ],
    'cells/hvg-scanpy.test.ts': [
      'seurat_v3: equal genes have equal scores, a constant one comes after all that vary',
    ],
  },
  '10 types of one cell, and of two': {
    'stages/similarity.test.ts': ['a type of one cell has no pair within, and nothing is said of it'],
  },
  '11 labels at random': {
    'neighbors/purity.test.ts': ['labels at random are pure at the level of chance'],
    'pairwise/relations.test.ts': ['labels at random relate at the level of chance'],
    'evaluation/scores/metrics.test.ts': [
      'two batches that are alike: mixing near 1, nothing explained; labels at random: no agreement, no width',
    ],
  },
  '12 batches that are alike (batch-driven neighbours: properties.test.ts)': {
    'evaluation/scores/metrics.test.ts': [
      'two batches that are alike: mixing near 1, nothing explained; labels at random: no agreement, no width',
    ],
  },
  '13 same bytes for any number of workers and any cut': {
    'e2e/determinism.test.ts': ['one worker, two'],
    'pairwise/groups.test.ts': ['groups hold the same numbers however they are cut'],
    'cells/hvg.test.ts': ['does not depend on how rows come in blocks'],
  },
};

for (const [name, held] of Object.entries({ fixture: FIXTURES, property: PROPERTIES })) {
  test(`each ${name} is held by the tests that are said to hold it`, () => {
    for (const [what, files] of Object.entries(held)) {
      for (const [file, titles] of Object.entries(files)) {
        const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
        for (const title of titles) assert.ok(text.includes(`test('${title}`), `${what}: ${file}: ${title}`);
      }
    }
    assert.deepEqual(
      Object.keys(held).map((what) => Number.parseInt(what, 10)),
      Array.from({ length: 13 }, (_, i) => i + 1),
    );
  });
}

test('fixture 12: component regression on the principal components of eight points', async () => {
  const points = Float32Array.of(0, 0, 1, 0, 0, 1, 1, 1, 5, 5, 6, 5, 5, 6, 9, 0);
  const { scores } = await principalComponents(centerDense(points, 8, 2), { dims: 2 });
  const { variances, explained, share } = componentRegression(scores, 2, [...'xyxyxyxx']);
  const close = (found: number, expected: number) =>
    assert.ok(Math.abs(found - expected) < 1e-6, `${found}, expected ${expected}`);
  close(variances[0], 13.164731172257);
  close(variances[1], 4.745983113457);
  close(explained[0], 0.028495057433);
  close(explained[1], 0.002481043607);
  close(share, 0.021601861083416423);
});
