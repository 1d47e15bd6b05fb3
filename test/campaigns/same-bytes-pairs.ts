/**
 * Whether all that is said of pairs of cells has the same bytes for any number of workers and on other versions of Node.
 *
 *     node test/campaigns/same-bytes-pairs.ts [node …]
 *
 * Runs two simulated studies with 1, 2, 3 and 7 workers on this Node, and with 2 on each Node given by path, and compares all
 * that is published: one of 9,000 cells, whose pairs are cut into several parts, with every metric that is fast; one of
 * 1,200 cells with every metric there is. Both have relations at cut-offs, joint histograms, agreement, and the purity
 * of neighbours. Ends with 1 if a file differs. Some two minutes on two cores.
 */
import { DETECTION_METRICS, METRICS } from '../../lib/pairwise/spaces/metric.ts';
import { samePublished } from './published-bytes.ts';

type Measures = Record<string, { of: string; metric: string; cutoffs?: number[] }>;

/** All these metrics of the encodings, and those of coordinates of the components. */
function measuresOf(metrics: readonly string[]): Measures {
  const measures: Measures = { ranks: { of: 'rank', metric: 'spearman', cutoffs: [0.1, 0.3, 0.31, 0.5] } };
  for (const metric of metrics) measures[`expression-${metric}`] = { of: 'expression', metric };
  for (const metric of METRICS) measures[`components-${metric}`] = { of: 'components', metric };
  return measures;
}

function study(cells: number, measures: Measures) {
  return {
    dataset: { source: 'simulated', cells, genes: 300, types: 12, batches: 3, depth: 150 },
    subset: { minGenes: null, minCellsPerType: null, cellsPerType: null },
    hvg: { flavor: 'none' },
    encodings: { expression: { kind: 'lognorm' }, rank: { kind: 'rank' } },
    embeddings: { components: { method: 'pca', of: 'expression', dims: 5 } },
    measures,
    joint: Object.keys(measures)
      .slice(1)
      .map((name) => [name, 'ranks']),
    purity: { k: [5, 15] },
  };
}

const STUDIES = [
  study(9000, measuresOf([...METRICS, 'ochiai'])),
  study(1200, measuresOf([...METRICS, ...DETECTION_METRICS])),
];

let isSame = true;
for (const config of STUDIES) {
  const { dataset, measures } = config;
  const title = `${dataset.cells} cells, ${Object.keys(measures).length} measures`;
  if (!samePublished(title, 'summarize', config, process.argv.slice(2))) isSame = false;
}
process.exitCode = isSame ? 0 : 1;
