import { seuratDispersions } from './dispersion.ts';
import { dispersionFlavor } from './dispersion-flavor.ts';

/** Flavour `seurat` (after Satija et al. 2015): log(variance / mean) of linear expression, in bins of equal width. */
export const seurat = dispersionFlavor({
  about: "dispersion within bins of mean expression (scanpy's 'seurat')",
  scale: 'linear',
  score: seuratDispersions,
});
