/** Flavours of highly variable genes. A new one is a file beside this one and a line here. */
import { annotated } from './annotated.ts';
import { cellRanger } from './cell-ranger.ts';
import type { HvgFlavor } from './flavor.ts';
import { none } from './none.ts';
import { seurat } from './seurat.ts';
import { seuratV3 } from './seurat-v3.ts';

export const HVG_FLAVORS = {
  annotated,
  seurat,
  cell_ranger: cellRanger,
  seurat_v3: seuratV3,
  none,
} as const satisfies Record<string, HvgFlavor>;

export type HvgFlavorName = keyof typeof HVG_FLAVORS;
