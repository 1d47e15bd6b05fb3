/** Definitions of the numbers on the page in plain words, by method. */
import type { Distribution } from '../../data/results/tables.ts';
import { metricName } from '../drawing/axes.ts';
import { count, printable } from '../drawing/text.ts';
import type { MeasureInfo } from '../measure-info.ts';

const METRIC_DEFINITIONS: Record<string, string> = {
  spearman:
    'Spearman’s ρ: Pearson correlation of the ranks of the genes within each cell, equal values sharing their average ' +
    'rank. All genes without a count share one rank. From −1 to 1, larger is more alike.',
  pearson:
    'Pearson’s r of two cells’ values over the genes used, zeros included. From −1 to 1, larger is more alike.',
  cosine:
    'Cosine of the angle between two cells’ vectors of values. 1 is the same direction; larger is more alike.',
  ochiai:
    'Ochiai overlap: genes detected in both cells, divided by the geometric mean of the numbers detected in each. It sees ' +
    'presence and absence alone. From 0 to 1, larger is more alike.',
  'spearman-union':
    'Spearman’s ρ over the genes detected in at least one of the two cells. Genes that both lack do not make them alike; ' +
    'two cells with few genes in common come out negative. From −1 to 1, larger is more alike.',
  'spearman-intersection':
    'Spearman’s ρ over the genes detected in both cells: their order alone, without presence and absence. Pairs with ' +
    'fewer than two such genes have no value. From −1 to 1, larger is more alike.',
  euclidean: 'Euclidean distance, the straight line between two cells. 0 is the same; smaller is more alike.',
};

const ENCODING_DEFINITIONS: Record<string, string> = {
  counts: 'the raw counts',
  lognorm: 'log(1 + counts scaled to one total per cell): magnitude, freed of sequencing depth',
  rank: 'the rank of each gene within its cell, ties averaged: order without magnitude',
  cell2sentence: 'cell2sentence: the names of the most expressed genes in descending order',
  geneformer:
    'Geneformer: genes in descending order of expression relative to each gene’s median in the training corpus. Since ' +
    'every gene has its own median, this is not the order of expression',
};

const EMBEDDING_DEFINITIONS: Record<string, string> = {
  umap: 'UMAP, which keeps who is near whom but not how far',
  pca: 'principal components, which keep as much variance as so many dimensions can',
  imported: 'coordinates computed elsewhere and imported',
};

/** Returns the definition of a metric; undefined for an unknown metric. */
export const metricDefinition = (metric: string): string | undefined => METRIC_DEFINITIONS[metric];

/** Describes a measure in words: metric, space, its size, and the method of the encoding or embedding. */
export function measureInWords(measure: MeasureInfo, distribution: Distribution): string {
  const name = metricName(measure.metric);
  const of = printable(measure.of);
  if (measure.source === 'embedding') {
    const dims =
      distribution.dims === undefined
        ? ''
        : `, ${count(distribution.dims)} dimension${distribution.dims === 1 ? '' : 's'}`;
    const how = EMBEDDING_DEFINITIONS[measure.method] ?? printable(measure.method);
    const from = measure.from === null ? '' : `; made from ${printable(measure.from)}`;
    return `${name} in the embedding ${of}${dims}: ${how}${from}.`;
  }
  const genes = distribution.genes_used === undefined ? '' : ` over ${count(distribution.genes_used)} genes`;
  const what = ENCODING_DEFINITIONS[measure.method];
  return `${name} of the encoding ${of}${genes}${what === undefined ? '' : `: ${what}`}.`;
}

/** Returns the caveats that concern this study, which readers should know before drawing conclusions; title and text. */
export function caveats(
  measures: readonly MeasureInfo[],
  embeddingMethods: readonly string[],
): { title: string; text: string }[] {
  const has = (metric: string) => measures.some((m) => m.metric === metric);
  const methods = new Set([...measures.map((m) => m.method), ...embeddingMethods]);
  const notes: { title: string; text: string }[] = [
    {
      title: 'AUROC',
      text:
        'The chance that a random pair of cells of one type is more alike than a random pair of cells of two types, ties ' +
        'counting half. 0.5 is no separation, 1 is complete. It depends on order alone, so measures with different ' +
        'units can be compared by it. Cliff’s δ is 2 · AUROC − 1.',
    },
    {
      title: 'Medians',
      text:
        'Within a type: over all pairs of its own cells. Between two types: over all pairs of a cell of one and a cell of ' +
        'the other. Exact, over every pair, not over a sample of pairs. The quartile range (IQR) is the distance ' +
        'between the quartiles.',
    },
    {
      title: 'Points between types are not independent',
      text:
        'Every type takes part in as many pairs as there are other types. Correlations over these points describe; a p-value ' +
        'that counts them as independent would be wrong.',
    },
    {
      title: 'Labels decide what within and between mean',
      text:
        'Labels of different depth (a T cell beside its subtypes) or two names for one type count as between, and make any ' +
        'measure look worse than it is.',
    },
  ];
  if (has('spearman')) {
    notes.splice(2, 0, {
      title: 'Spearman between sparse cells is mostly presence and absence',
      text:
        'With zeros tied, Spearman between sparse cells tends to the Ochiai overlap of their detected genes, whatever the ' +
        'order of the detected ones. How high it is therefore depends on the number of genes and on sparsity: ' +
        'compare it only between measures over the same genes and cells.',
    });
  }
  if (has('spearman') && !methods.has('geneformer')) {
    notes.push({
      title: 'Ranks of expression are not Geneformer’s ranks',
      text:
        'Geneformer divides each gene by a median of its own before it sorts. Spearman of expression tests encodings that ' +
        'sort expression itself, such as cell2sentence’s; for Geneformer’s, add an encoding of kind geneformer.',
    });
  }
  if (methods.has('umap')) {
    notes.push({
      title: 'UMAP does not keep distances',
      text:
        'UMAP keeps neighbourhoods. Distances between groups that are far apart, and the density within a group, come from ' +
        'the method as much as from the cells, and another seed gives other distances. Read a comparison with UMAP ' +
        'beside one with a plain distance (Euclid or cosine of expression, or PCA).',
    });
  }
  return notes;
}
