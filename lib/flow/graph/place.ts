/** Source location of a stage's declaration, for messages. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Stage } from '../stage.ts';

/** Path of a stage's file. */
export function fileOf({ module }: Pick<Stage, 'module'>): string {
  try {
    return String(module).startsWith('file:') ? fileURLToPath(module) : String(module);
  } catch {
    return String(module);
  }
}

/**
 * Source location of a property of a stage, as `file:line`: the property `word` (a slot, a key), or else the stage's name.
 * Searches the text of the file, so call it only for an error. Returns the file alone if neither is found.
 */
export function placeOf(stage: Pick<Stage, 'module' | 'name'>, word?: string): string {
  const file = fileOf(stage);
  let lines: string[];
  try {
    lines = readFileSync(file, 'utf8').split('\n');
  } catch {
    return file; // not readable: no line
  }
  const name = lines.findIndex((line) => /\bname:\s*(['"`])(.*?)\1/.exec(line)?.[2] === stage.name);
  const from = Math.max(0, name);
  const property =
    word === undefined || !/^\w+$/.test(word)
      ? -1
      : lines.findIndex((line, i) => i >= from && new RegExp(`(?:^|[\\s{,])${word}\\s*[:(,]`).test(line));
  const found = property >= 0 ? property : name;
  return found < 0 ? file : `${file}:${found + 1}`;
}
