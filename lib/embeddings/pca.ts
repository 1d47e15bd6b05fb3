/** Principal components of an encoding, or of another embedding. */
import { z } from 'zod';
import { MB } from '../flow/text/byte-units.ts';
import { defineEmbedding } from './method.ts';
import { spaceRef } from './space-ref.ts';

export const pca = defineEmbedding({
  module: import.meta.url,
  method: 'pca',
  about: 'Coordinates along the first principal components of the centred rows.',
  options: {
    of: z.string().min(1),
    dims: z.int().min(1).max(10_000).default(50),
  },
  params: ({ dims }) => ({ dims }),
  inputs: ({ of }, config) => ({ rows: spaceRef(config, of) }),
  needs: { memory: ({ bytes: { rows } }) => 64 * MB + 2.5 * rows },
  async run({ params: { dims }, inputs, cellIds, progress, signal }) {
    const { componentsOf } = await import('./components.ts');
    return { dims, values: await componentsOf(inputs.rows, cellIds, dims, { progress, signal }) };
  },
});
