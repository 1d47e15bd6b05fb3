/** Where in its file a stage is declared, for messages about it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Stage } from '../stage.ts';

/** The file of a stage, without a line; of one that names no file, what it says instead. */
export function fileOf({ module }: Pick<Stage, 'module'>): string {
  try {
    return String(module).startsWith('file:') ? fileURLToPath(module) : String(module);
  } catch {
    return String(module);
  }
}

/**
 * The file of a stage and the line on which something of it stands, as `file:line`: the property `word` (a slot, a key),
 * or else the stage's name. Found by looking at the text, and only when something is wrong; the file alone if it says neither.
 */
export function placeOf(stage: Pick<Stage, 'module' | 'name'>, word?: string): string {
  const file = fileOf(stage);
  let lines: string[];
  try {
    lines = readFileSync(file, 'utf8').split('\n');
  } catch {
    return file; // what cannot be read is told by its name
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
