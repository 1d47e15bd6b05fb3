/** Node options, from the command line or NODE_OPTIONS, that change how imports resolve or how code is read. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const PRELOAD = /^(?:--import|--require|-r|--loader|--experimental-loader)$/;
const CONDITION = /^(?:-C|--conditions)$/;
const OTHERS =
  /^(?:--import|--require|-r|--loader|--experimental-loader|--preserve-symlinks(?:-main)?|--experimental-(?!addon-modules$)[\w-]*(?:module|resol|strip|transform)[\w-]*|--no-[\w-]*(?:strip|addons)[\w-]*)$/;

interface Option {
  readonly name: string;
  readonly value: string;
}

function given(args: readonly string[], env: string | undefined): Option[] {
  const words = [...splitOptions(env ?? ''), ...args];
  return words.flatMap((word, i) => {
    const [name, ...rest] = word.split('=');
    if (!CONDITION.test(name) && !OTHERS.test(name)) return [];
    return [{ name, value: rest.length > 0 ? rest.join('=') : (words[i + 1] ?? '') }];
  });
}

/** Words of NODE_OPTIONS, as Node takes them apart: double quotes hold blanks together, a backslash within them one sign. */
export function splitOptions(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    let sign = text[i];
    if (sign === '\\' && isQuoted) sign = text[++i] ?? '';
    else if (sign === '"') {
      isQuoted = !isQuoted;
      word ??= '';
      continue;
    } else if (sign === ' ' && !isQuoted) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    word = (word ?? '') + sign;
  }
  return word === undefined ? words : [...words, word];
}

const options = given(process.execArgv, process.env.NODE_OPTIONS);

/** Custom conditions for `exports` and `imports`, in addition to Node's own. */
export function ownConditions(): string[] {
  return [...new Set(options.filter(({ name }) => CONDITION.test(name)).map(({ value }) => value))].sort();
}

/** Options in the form that goes into an identity: the same import may load different code under different options. */
export function optionsOfCode(): string[] {
  return options.map(({ name, value }) => {
    if (/symlinks|strip|transform|addons/.test(name)) return name;
    return PRELOAD.test(name) ? `${name} ${value} ${contentOf(value)}` : `${name} ${value}`;
  });
}

/** Whether links keep their own names as modules: code behind them cannot be followed then. */
export const keepsLinks = (): boolean => options.some(({ name }) => name === '--preserve-symlinks');

/** SHA-256 of a file that is preloaded by its path; '' for a package, or a file that is not there. */
function contentOf(value: string): string {
  try {
    const path = value.startsWith('file:') ? fileURLToPath(value) : resolve(value);
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch {
    return '';
  }
}
