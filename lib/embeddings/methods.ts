/** Registry of embedding methods, one line each. */
export { imported } from './imported.ts';
export { pca } from './pca.ts';
export { umap } from './umap.ts';
