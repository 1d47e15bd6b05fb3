/** Combination of the choices made within batches, by scanpy's rule for `batch_key`. */
import type { HvgOptions } from './flavor.ts';
import { settled, withinCutOffs } from './select.ts';

/** Choice and statistics of genes, one entry per gene. */
export interface GeneChoice {
  readonly highlyVariable: boolean[];
  readonly means: Float64Array;
  readonly dispersions: Float64Array;
  readonly dispersionsNorm: Float64Array;
}

/**
 * Combines the choices of all batches. Statistics are averaged over the batches in which they are defined. The genes
 * chosen in most batches come first, then those of higher average score (see `settled`), missing scores last, then by
 * gene id (scanpy groups by name, which sorts); exactly `top` are taken. With cut-offs instead, they apply to the
 * averages.
 */
export function combineBatches(
  batches: readonly GeneChoice[],
  geneIds: readonly string[],
  options: HvgOptions,
): GeneChoice {
  const genes = geneIds.length;
  const average = (pick: (choice: GeneChoice) => Float64Array) =>
    Float64Array.from({ length: genes }, (_, g) => {
      let n = 0;
      let sum = 0;
      for (const batch of batches) {
        const value = pick(batch)[g];
        if (Number.isNaN(value)) continue;
        n++;
        sum += value;
      }
      return sum / n;
    });
  const means = average((choice) => choice.means);
  const dispersions = average((choice) => choice.dispersions);
  const dispersionsNorm = average((choice) => choice.dispersionsNorm);
  if (options.top === null) {
    const scores = dispersionsNorm.map((score) => (Number.isNaN(score) ? 0 : score));
    return {
      highlyVariable: withinCutOffs(means, scores, options),
      means,
      dispersions,
      dispersionsNorm: scores,
    };
  }
  const chosenIn = Int32Array.from(
    { length: genes },
    (_, g) => batches.filter((batch) => batch.highlyVariable[g]).length,
  );
  const scores = dispersionsNorm.map(settled);
  const order = Array.from({ length: genes }, (_, g) => g).sort(
    (a, b) =>
      chosenIn[b] - chosenIn[a] ||
      descending(scores[a], scores[b]) ||
      (geneIds[a] < geneIds[b] ? -1 : geneIds[a] > geneIds[b] ? 1 : a - b),
  );
  const highlyVariable = new Array<boolean>(genes).fill(false);
  for (const g of order.slice(0, options.top)) highlyVariable[g] = true;
  return { highlyVariable, means, dispersions, dispersionsNorm };
}

/** Compares for descending order, NaN last. Infinities of one sign are equal, which subtraction would not see. */
function descending(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a === b ? 0 : a > b ? -1 : 1;
}
