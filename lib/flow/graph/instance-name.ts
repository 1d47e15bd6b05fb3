/** Schema of instance names in a config; they become names of targets and of files. */
import { z } from 'zod';

export const instanceName = z
  .string()
  .regex(
    /^[A-Za-z0-9][\w.-]*$/,
    'a name is made of letters, digits, ".", "_" and "-", a letter or digit first',
  );
