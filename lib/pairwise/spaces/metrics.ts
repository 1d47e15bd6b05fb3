/** Registry of metrics, one line each. */
export { cosine } from './metrics/cosine.ts';
export { euclidean } from './metrics/euclidean.ts';
export { ochiai } from './metrics/ochiai.ts';
export { pearson } from './metrics/pearson.ts';
export { spearman } from './metrics/spearman.ts';
export { spearmanIntersection } from './metrics/spearman-intersection.ts';
export { spearmanUnion } from './metrics/spearman-union.ts';
