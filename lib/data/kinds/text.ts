/** A text file in UTF-8, such as a page. */
import { readFile, writeFile } from 'node:fs/promises';
import type { Kind } from '../../flow/stage.ts';
import type { TextInput, TextOutput } from './types.ts';

/** `extension` says what the text is, for example `.html`. */
export function text(extension = '.txt'): Kind<'text', TextInput, TextOutput> & { extension: string } {
  return {
    name: 'text',
    extension,
    input: (path) => ({ kind: 'text', read: () => readFile(path, 'utf8') }),
    output: (path) => ({ write: (content) => writeFile(path, content) }),
  };
}
