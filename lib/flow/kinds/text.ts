/** Kind of a UTF-8 text file, such as a page. */
import { readFile, writeFile } from 'node:fs/promises';
import type { Kind } from '../stage.ts';

/** Text file as an input of a stage. */
export interface TextInput {
  readonly kind: 'text';
  read(): Promise<string>;
}

/** Text file as an output of a stage. */
export interface TextOutput {
  write(text: string): Promise<void>;
}

/** Kind of a text file. `extension` is its file name extension, for example `.html`. */
export function text(extension = '.txt'): Kind<'text', TextInput, TextOutput> & { extension: string } {
  return {
    name: 'text',
    extension,
    input: (path) => ({ kind: 'text', read: () => readFile(path, 'utf8') }),
    output: (path) => ({ write: (content) => writeFile(path, content) }),
  };
}
