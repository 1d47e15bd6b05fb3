/** The key `embeddings`: coordinates of the cells, by name. */
import { z } from 'zod';
import { embeddingSchema } from '../../embeddings/index.ts';
import { instanceName } from '../../flow/graph/instance-name.ts';

export const embeddingsSection = {
  embeddings: z
    .record(instanceName, embeddingSchema)
    .prefault({ expressionUmap: { method: 'umap', of: 'expression', dims: 5 } }),
};
