//! asc --importMemory
/** The fuzzy graph of cells for UMAP, in AssemblyScript: scales of cells, and the union of what they make of each other. */
export { mean, smooth } from './fuzzy-graph/scales';
export { addDirected, countsToStarts, prune, transpose, unite } from './fuzzy-graph/union';
