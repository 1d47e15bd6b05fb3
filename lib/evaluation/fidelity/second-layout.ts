/** The ceiling `second-layout`: the reference's UMAP layout once more, from the same neighbours by other random numbers. */
import { type FidelityConfig, layoutOf, subjectsOf } from './subject.ts';

/** An embedding that a stage asks for besides those of the config. */
export interface AddedEmbedding {
  /** Its instance of the stage `embed`. No name of the config has a colon. */
  readonly instance: string;
  /** The embedding of the config whose options it has, but for a companion. */
  readonly like: string;
  /** Whose random streams it draws from, so that it differs from `like`. */
  readonly streams: string;
}

/** The instance of `embed` with the second layout of the embedding `layout`. */
export const secondLayoutInstance = (layout: string) => `${layout}:second`;

/** The second layout, if it is compared with the first. */
export function secondLayout(config: FidelityConfig): AddedEmbedding[] {
  const layout = layoutOf(config);
  const isCompared = subjectsOf(config).some(({ control }) => control === 'second-layout');
  if (layout === undefined || !isCompared) return [];
  // The streams that it has drawn from since it was a stage of this name: other streams would be other numbers.
  return [{ instance: secondLayoutInstance(layout), like: layout, streams: 'relayout' }];
}
