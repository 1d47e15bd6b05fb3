/** The key `encodings`: ways to encode a cell, by name. */
import { z } from 'zod';
import { encodingSchema } from '../../encodings/index.ts';
import { instanceName } from '../../flow/graph/instance-name.ts';

export const encodingsSection = {
  encodings: z
    .record(instanceName, encodingSchema)
    .prefault({ expression: { kind: 'lognorm' }, rank: { kind: 'rank' } }),
};
