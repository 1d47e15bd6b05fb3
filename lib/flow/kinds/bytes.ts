/** A file of bytes in a format of the stage's own, such as an image or a model. */
import { readFile, writeFile } from 'node:fs/promises';
import type { Kind } from '../stage.ts';

/** A file of bytes as a stage reads it. */
export interface BytesInput {
  readonly kind: 'bytes';
  /** Where the file lies, for readers that open it themselves. Not to be written to, nor into an artifact. */
  readonly path: string;
  /** Reads the whole file, anew with every call. */
  read(): Promise<Uint8Array>;
}

/** A file of bytes as a stage writes it. */
export interface BytesOutput {
  /** Where the file is to lie, for writers that make it themselves. */
  readonly path: string;
  write(content: Uint8Array): Promise<void>;
}

/** The kind of a file of bytes. */
export function bytes(): Kind<'bytes', BytesInput, BytesOutput> {
  return {
    name: 'bytes',
    input: (path) => ({ kind: 'bytes', path, read: async () => await readFile(path) }),
    output: (path) => ({ path, write: (content) => writeFile(path, content) }),
  };
}
