/** A kind of artifact: one number, as text. */
import { readFileSync, writeFileSync } from 'node:fs';

export const number = () => ({
  name: 'number' as const,
  input: (path: string) => ({ kind: 'number' as const, read: () => Number(readFileSync(path, 'utf8')) }),
  output: (path: string) => ({ write: (value: number) => writeFileSync(path, String(value)) }),
});
