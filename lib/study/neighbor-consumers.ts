/** Registry of the consumers of neighbours: one line for each, `export { neighborRequests as … }`. */
export { neighborRequests as embeddings } from '../embeddings/index.ts';
export { neighborRequests as purity } from '../neighbors/purity-requests.ts';
