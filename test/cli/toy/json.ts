/** A kind of artifact: JSON. */
import { readFileSync, writeFileSync } from 'node:fs';

export function json<T>() {
  return {
    name: 'json' as const,
    input: (path: string) => ({
      kind: 'json' as const,
      read: (): T => JSON.parse(readFileSync(path, 'utf8')),
    }),
    output: (path: string) => ({ write: (value: T) => writeFileSync(path, JSON.stringify(value)) }),
  };
}
