/** Kind of a binary file in a format of the stage's own, such as an image or a model. */
import { readFile, writeFile } from 'node:fs/promises';
import type { Kind } from '../stage.ts';

/** Binary file as an input of a stage. */
export interface BytesInput {
  readonly kind: 'bytes';
  /** Path of the file, for readers that open it themselves. Do not write to it, and do not write the path into an output. */
  readonly path: string;
  /** Reads the whole file, anew with every call. */
  read(): Promise<Uint8Array>;
}

/** Binary file as an output of a stage. */
export interface BytesOutput {
  /** Path of the file to create, for writers that create it themselves. */
  readonly path: string;
  write(content: Uint8Array): Promise<void>;
}

/** Kind of a binary file. */
export function bytes(): Kind<'bytes', BytesInput, BytesOutput> {
  return {
    name: 'bytes',
    input: (path) => ({ kind: 'bytes', path, read: async () => await readFile(path) }),
    output: (path) => ({ path, write: (content) => writeFile(path, content) }),
  };
}
