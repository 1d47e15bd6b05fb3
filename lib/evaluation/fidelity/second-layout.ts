/** Ceiling `second-layout`: a second UMAP layout of the reference, from the same neighbours with other random numbers. */
import { type FidelityConfig, layoutOf, subjectsOf } from './subject.ts';

/** Embedding that a stage requests besides those of the config. */
export interface AddedEmbedding {
  /** Instance of the stage `embed`. No name of the config has a colon. */
  readonly instance: string;
  /** Embedding of the config whose options it has, except for a companion. */
  readonly like: string;
  /** Name of the random streams, which make it differ from `like`. */
  readonly streams: string;
}

/** Returns the instance of `embed` with the second layout of the embedding `layout`. */
export const secondLayoutInstance = (layout: string) => `${layout}:second`;

/** Returns the second layout, if it is compared with the first. */
export function secondLayout(config: FidelityConfig): AddedEmbedding[] {
  const layout = layoutOf(config);
  const isCompared = subjectsOf(config).some(({ control }) => control === 'second-layout');
  if (layout === undefined || !isCompared) return [];
  // Name of a former stage, kept for the random streams: another name would change the layout.
  return [{ instance: secondLayoutInstance(layout), like: layout, streams: 'relayout' }];
}
