//! asc --importMemory
/** Fuzzy graph of cells for UMAP, in AssemblyScript: local scales of cells, and the union of directed memberships. */
export { mean, smooth } from './fuzzy-graph/scales';
export { addDirected, countsToStarts, prune, transpose, unite } from './fuzzy-graph/union';
