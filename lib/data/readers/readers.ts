/** Registry of readers: one line for each. */
export { h5ad } from './h5ad/reader.ts';
