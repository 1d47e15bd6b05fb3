/**
 * Functions that open the spaces of a metric that the kernels compute. The spaces are imported when one is opened, since
 * commands that list metrics open none.
 */
import type { NumberMetric } from './metric-definition.ts';

export const numberSpaces = (metric: string): Pick<NumberMetric, 'openRows' | 'openDense'> => ({
  async openRows(source, genes, order) {
    const { streamedSpace } = await import('./sparse-space.ts');
    return streamedSpace(source, metric, genes, order);
  },
  async openDense(embedding, order) {
    const { denseSpace } = await import('./dense-space.ts');
    return denseSpace(embedding, metric, order);
  },
});
