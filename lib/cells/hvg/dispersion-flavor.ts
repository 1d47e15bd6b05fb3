/**
 * Flavours of scanpy's `highly_variable_genes` that score dispersions, on counts scaled to 10,000 a cell and logged, as
 * scanpy's `normalize_total(target_sum=1e4)` and `log1p` leave them.
 */
import { dataError, OperationalError } from '../../errors.ts';
import { combineBatches, type GeneChoice } from './batches.ts';
import type { Score } from './dispersion.ts';
import type { HvgFlavor, HvgOptions } from './flavor.ts';
import { groupsOf } from './groups.ts';
import { type Moments, momentsOf, type Scale } from './moments.ts';
import { highest, withinCutOffs } from './select.ts';

export function dispersionFlavor({
  about,
  scale,
  score,
}: {
  about: string;
  scale: Scale;
  score: Score;
}): HvgFlavor {
  return {
    about,
    statistical: true,
    async select({ counts, geneIds, batches }, options) {
      const { group, names } = groupsOf(counts.rows, batches);
      const moments = await momentsOf(counts, group, names.length, scale);
      if (batches === undefined) return choose(moments[0].mean, moments[0].variance, options);
      const choices = moments.map((own, b) =>
        inBatch(names[b], own.cells, () => chooseExpressed(options)(own)),
      );
      return combineBatches(choices, geneIds, options);
    },
  };

  /** Statistics and choice over all genes given. */
  function choose(mean: Float64Array, variance: Float64Array, options: HvgOptions): GeneChoice {
    const stats = score(mean, variance, options.bins);
    const highlyVariable =
      options.top === null
        ? withinCutOffs(stats.means, stats.dispersionsNorm, options)
        : highest(stats.dispersionsNorm, options.top);
    return { ...stats, highlyVariable };
  }

  /** Chooses within a batch among the genes it expresses; the others get 0 for everything. */
  function chooseExpressed(options: HvgOptions) {
    return ({ detected, mean, variance }: Moments): GeneChoice => {
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
    };
  }
}

/** Adds the batch to a refusal: the remedy depends on how many cells the batch has. */
function inBatch<T>(name: string, cells: number, choose: () => T): T {
  try {
    return choose();
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    throw dataError(`in the batch "${name}" (${cells} ${cells === 1 ? 'cell' : 'cells'}) ${error.message}`, {
      expected: error.expected,
      where: error.where,
      hint: `A batch of few cells has too few different means for bins of its own. Set hvg.batchAware to false, take hvg.flavor 'seurat', whose bins are of equal width, or join the batch with another in the data.`,
      cause: error,
    });
  }
}
