import { cellRangerDispersions } from './dispersion.ts';
import { dispersionFlavor } from './dispersion-flavor.ts';

/** Flavour `cell_ranger` (after Zheng et al. 2017): variance / mean of logged expression, in bins of equal size. */
export const cellRanger = dispersionFlavor({
  about: "dispersion within percentiles of mean expression (scanpy's 'cell_ranger')",
  scale: 'log',
  score: cellRangerDispersions,
});
