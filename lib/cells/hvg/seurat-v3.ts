/**
 * Flavour `seurat_v3` of scanpy's `highly_variable_genes` (Stuart et al. 2019), on raw counts: the variance of counts
 * that are standardised by the deviation expected of a gene of that mean, and clipped at √N, so that a few large counts
 * do not decide.
 */

import { dataError } from '../../errors.ts';
import { exp, log } from '../../kernels/math.ts';
import { medianOfSorted } from '../../stats/quantiles.ts';
import type { HvgCounts, HvgFlavor, HvgResult } from './flavor.ts';
import { groupsOf } from './groups.ts';
import { loess } from './loess.ts';
import { type Moments, momentsOf } from './moments.ts';
import { settled } from './select.ts';

/** Share of the genes that each local fit of the expected variance looks at. */
const SPAN = 0.3;

export const seuratV3: HvgFlavor = {
  about: "variance of standardised, clipped counts (scanpy's 'seurat_v3')",
  statistical: true,
  async select({ counts, batches }, { top }) {
    const { group, names } = groupsOf(counts.rows, batches);
    const moments = await momentsOf(counts, group, names.length, 'counts');
    const lonely = moments.findIndex(({ cells }) => cells < 2);
    if (lonely >= 0) {
      throw dataError(`the batch "${names[lonely]}" has 1 cell, over which no count varies`, {
        expected: 'at least 2 cells in each batch',
        hint: "Leave the batch out of the data, set hvg.batchAware to false, or take hvg.flavor 'seurat'.",
      });
    }
    const deviations = moments.map(expectedDeviation);
    const variances = await standardisedVariances(counts, group, moments, deviations);
    const number = top ?? counts.columns;
    return {
      highlyVariable: chooseByRank(variances, number),
      ...overall(moments),
      dispersionsNorm: meanOf(variances),
    };
  },
};

/** Standard deviation expected of each gene given its mean: a local regression over genes that vary. */
export function expectedDeviation({ mean, variance }: Pick<Moments, 'mean' | 'variance'>): Float64Array {
  const varying = Int32Array.from(mean.keys()).filter((g) => variance[g] > 0);
  const fitted = loess(
    Float64Array.from(varying, (g) => log(mean[g]) / Math.LN10),
    Float64Array.from(varying, (g) => log(variance[g]) / Math.LN10),
    SPAN,
  );
  const deviation = new Float64Array(mean.length).fill(1);
  for (const [i, g] of varying.entries()) deviation[g] = Math.sqrt(exp(fitted[i] * Math.LN10));
  return deviation;
}

/** Standardised variances for each group and gene: Σ (min(x, clip) − μ)² / ((N − 1) σ²), clip = μ + σ√N. */
async function standardisedVariances(
  counts: HvgCounts,
  group: Int32Array,
  moments: readonly Moments[],
  deviations: readonly Float64Array[],
): Promise<Float64Array[]> {
  const clip = moments.map(({ mean, cells }, b) =>
    mean.map((m, g) => deviations[b][g] * Math.sqrt(cells) + m),
  );
  const sum = moments.map(() => new Float64Array(counts.columns));
  const squares = moments.map(() => new Float64Array(counts.columns));
  for await (const { start, rows, indptr, indices, values } of counts.blocks()) {
    for (let row = 0; row < rows; row++) {
      const b = group[start + row];
      if (b < 0) continue;
      for (let e = indptr[row]; e < indptr[row + 1]; e++) {
        const gene = indices[e];
        const value = Math.min(values[e], clip[b][gene]);
        sum[b][gene] += value;
        squares[b][gene] += value * value;
      }
    }
  }
  return moments.map(({ mean, cells }, b) =>
    mean.map(
      (m, g) =>
        (1 / ((cells - 1) * deviations[b][g] * deviations[b][g])) *
        (cells * m * m + squares[b][g] - 2 * sum[b][g] * m),
    ),
  );
}

/**
 * Choice of genes by their ranks. In each group the `top` genes of largest variance (see `settled`; the first of equal
 * ones) have ranks from 0. Genes of lowest median rank over the groups in which they have one come first, then those with
 * a rank in more groups, then those that come first.
 */
function chooseByRank(variances: readonly Float64Array[], top: number): boolean[] {
  const genes = variances[0].length;
  const ranks: number[][] = Array.from({ length: genes }, () => []);
  for (const own of variances) {
    const values = own.map(settled);
    const order = Int32Array.from(values.keys()).sort((a, b) => values[b] - values[a] || a - b);
    for (const [rank, g] of order.subarray(0, top).entries()) ranks[g].push(rank);
  }
  const median = Float64Array.from(ranks, (own) => {
    const sorted = own.sort((a, b) => a - b);
    return sorted.length === 0 ? Number.POSITIVE_INFINITY : medianOfSorted(sorted);
  });
  const order = Int32Array.from(ranks.keys()).sort((a, b) =>
    median[a] !== median[b] ? median[a] - median[b] : ranks[b].length - ranks[a].length || a - b,
  );
  const chosen = new Array<boolean>(genes).fill(false);
  for (const g of order.subarray(0, top)) chosen[g] = true;
  return chosen;
}

/** Mean and variance over the cells of all groups. */
function overall(moments: readonly Moments[]): Required<Pick<HvgResult, 'means' | 'dispersions'>> {
  const cells = moments.reduce((sum, group) => sum + group.cells, 0);
  const means = meanOf(
    moments.map(({ mean }) => mean),
    moments.map((group) => group.cells),
  );
  const dispersions = means.map((mean, g) => {
    let squares = 0;
    for (const group of moments) {
      const shift = group.mean[g] - mean;
      squares += (group.cells - 1) * group.variance[g] + group.cells * shift * shift;
    }
    return squares / (cells - 1);
  });
  return { means, dispersions };
}

function meanOf(rows: readonly Float64Array[], weights: readonly number[] = rows.map(() => 1)): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Float64Array.from(
    rows[0],
    (_, g) => rows.reduce((sum, row, b) => sum + weights[b] * row[g], 0) / total,
  );
}
