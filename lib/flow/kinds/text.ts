/** A text file in UTF-8, such as a page. */
import { readFile, writeFile } from 'node:fs/promises';
import type { Kind } from '../stage.ts';

/** A text as a stage reads it. */
export interface TextInput {
  readonly kind: 'text';
  read(): Promise<string>;
}

/** A text as a stage writes it. */
export interface TextOutput {
  write(text: string): Promise<void>;
}

/** The kind of a text. `extension` says what the text is, for example `.html`. */
export function text(extension = '.txt'): Kind<'text', TextInput, TextOutput> & { extension: string } {
  return {
    name: 'text',
    extension,
    input: (path) => ({ kind: 'text', read: () => readFile(path, 'utf8') }),
    output: (path) => ({ write: (content) => writeFile(path, content) }),
  };
}
