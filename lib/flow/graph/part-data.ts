/** The data of a part: what `plan` of a stage hands to `run`, by way of a file. */
import type { z } from 'zod';
import { OperationalError } from '../../errors.ts';
import type { Stage } from '../stage.ts';

/**
 * The data as the stage's `parts.data` declares it; as it is if it declares nothing.
 *
 * @param name of the part, for errors
 * @throws if it is of another shape
 */
export function partData(stage: Stage, data: unknown, name?: string): unknown {
  const schema: z.ZodType | undefined = stage.parts?.data;
  if (schema === undefined) return data;
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  const of = name === undefined ? 'a part' : `part "${name}"`;
  throw new OperationalError(
    'impure',
    `stage ${stage.name} planned ${of} with other data than it declares: ${['data', ...path].join('.')}: ${message}`,
    { hint: 'let `plan` give what `data` of the parts says, or declare what it gives' },
  );
}
