import { dataError } from '../../errors.ts';
import type { HvgFlavor } from './flavor.ts';

export const annotated: HvgFlavor = {
  about: "the data set's own choice (its var column 'highly_variable')",
  statistical: false,
  async select({ annotated: flags, annotatedProblem }) {
    if (flags.every((flag) => flag === null)) {
      throw dataError(annotatedProblem ?? 'the data set says of no gene whether it is highly variable', {
        expected: "a boolean var column 'highly_variable', since hvg.flavor is 'annotated'",
        hint: "Choose them from the counts: set hvg.flavor to 'seurat'. To use all genes: 'none'.",
      });
    }
    const highlyVariable = flags.map((flag) => flag === true);
    if (!highlyVariable.includes(true)) {
      throw dataError(`none of the ${flags.length} kept genes is annotated as highly variable`, {
        expected: "at least one true in the var column 'highly_variable' among the kept genes",
        hint: "Set hvg.flavor to 'seurat' or 'none', or lower subset.minCellsPerGene if it drops them.",
      });
    }
    return { highlyVariable };
  },
};
