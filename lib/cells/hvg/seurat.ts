/**
 * Flavour `seurat` of scanpy's `highly_variable_genes` (after Satija et al. 2015), on counts scaled to
 * 10,000 a cell and logged, as scanpy's `normalize_total(target_sum=1e4)` and `log1p` leave them.
 */
import { dataError } from '../../errors.ts';
import { combineBatches, type GeneChoice } from './batches.ts';
import { seuratDispersions } from './dispersion.ts';
import type { HvgFlavor, HvgOptions } from './flavor.ts';
import { type Moments, normalisedMoments } from './moments.ts';
import { highest, withinCutOffs } from './select.ts';

export const seurat: HvgFlavor = {
  about: "dispersion within bins of mean expression (scanpy's 'seurat')",
  statistical: true,
  async select({ counts, geneIds, batches }, options) {
    if (counts.rows < 2) {
      throw dataError(`cannot compare genes over ${counts.rows} cell`, { expected: 'at least 2 cells' });
    }
    if (batches === undefined) {
      const [moments] = await normalisedMoments(counts, new Uint8Array(counts.rows), 1);
      return choose(moments.mean, moments.variance, options);
    }
    const names = [...new Set(batches.filter((batch) => batch !== null))].sort();
    if (names.length === 0) {
      throw dataError('no cell has a batch', {
        expected: 'a batch for each cell, since hvg.batchAware is true',
        hint: 'Set dataset.batch to the column that holds it, or hvg.batchAware to false.',
      });
    }
    const number = new Map(names.map((name, b) => [name, b]));
    const group = Int32Array.from(batches, (batch) => (batch === null ? -1 : number.get(batch)!));
    const moments = await normalisedMoments(counts, group, names.length);
    const choices = moments.map((batch) => chooseExpressed(batch, options));
    return combineBatches(choices, geneIds, options);
  },
};

/** Statistics and choice over all genes given. */
function choose(mean: Float64Array, variance: Float64Array, options: HvgOptions): GeneChoice {
  const stats = seuratDispersions(mean, variance, options.bins);
  const highlyVariable =
    options.top === null
      ? withinCutOffs(stats.means, stats.dispersionsNorm, options)
      : highest(stats.dispersionsNorm, options.top);
  return { ...stats, highlyVariable };
}

/** Within a batch only the genes it expresses take part; the others get 0 for everything. */
function chooseExpressed({ detected, mean, variance }: Moments, options: HvgOptions): GeneChoice {
  const expressed = Int32Array.from(detected.keys()).filter((g) => detected[g] > 0);
  const part = choose(
    Float64Array.from(expressed, (g) => mean[g]),
    Float64Array.from(expressed, (g) => variance[g]),
    options,
  );
  const spread = (values: Float64Array) => {
    const all = new Float64Array(detected.length);
    for (const [i, g] of expressed.entries()) all[g] = values[i];
    return all;
  };
  const highlyVariable = new Array<boolean>(detected.length).fill(false);
  for (const [i, g] of expressed.entries()) highlyVariable[g] = part.highlyVariable[i];
  return {
    highlyVariable,
    means: spread(part.means),
    dispersions: spread(part.dispersions),
    dispersionsNorm: spread(part.dispersionsNorm),
  };
}
