/** Data of a part, which `plan` of a stage passes to `run` through a file. */
import type { z } from 'zod';
import { OperationalError } from '../../errors.ts';
import type { Stage } from '../stage.ts';

/**
 * Parses the data of a part by the stage's `parts.data` schema; returns it unchanged if there is no schema.
 *
 * @param name of the part, for errors
 * @throws an error of kind `impure` if the data does not match the schema
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
