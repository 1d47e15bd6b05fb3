/** Commands and configs in the pages exist: sub-commands with their options, targets and variables of make, keys of the config. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { composeSchema } from '../../lib/config/schema.ts';
import { stages } from '../../stages/index.ts';
import { pageNames, readPage, root } from './pages.ts';

interface Block {
  readonly page: string;
  readonly text: string;
}

/** Blocks of code in a language, of all pages but the records of decisions. */
const blocksOf = (language: string): Block[] =>
  pageNames()
    .filter((name) => !name.startsWith('docs/decisions/'))
    .flatMap((page) =>
      [...readPage(page).matchAll(/^```(\w*)\n(.*?)^```$/gms)]
        .filter(([, name]) => name === language)
        .map(([, , text]) => ({ page, text })),
    );

/** Lines of commands without comments, the words in quotes taken as one. */
const commands = blocksOf('sh').flatMap(({ page, text }) =>
  text
    .split(/\n|;/)
    .map((line) => (line.match(/'[^']*'|\w+="[^"]*"|\w+='[^']*'|#.*|\S+/g) ?? []) as string[])
    .map((words) => words.filter((word) => !word.startsWith('#')))
    .filter((words) => words.length > 0)
    .map((words) => ({ page, words })),
);

const helps = new Map<string, string>();
function helpOf(command: string[]): string {
  const name = command.join(' ');
  if (!helps.has(name)) {
    const args = [join(root, 'lib/cli/main.ts'), ...command, '--help'];
    helps.set(name, execFileSync(process.execPath, args, { encoding: 'utf8' }));
  }
  return helps.get(name)!;
}

test('every command of rankloom in a page exists, with its options', () => {
  const ours = commands.filter(({ words: [first] }) => /^(\.\/)?rankloom$/.test(first));
  assert.ok(ours.length > 30, String(ours.length));
  const wrong = ours.flatMap(({ page, words: [, command, ...rest] }) => {
    const line = `${page}: ${command} ${rest.join(' ')}`;
    if (!new RegExp(`^  ${command}\\b`, 'm').test(helpOf([]))) return [line];
    const isSub = command === 'runs' && rest[0] !== undefined && /^[a-z]/.test(rest[0]);
    if (isSub && !new RegExp(`^  ${rest[0]}\\b`, 'm').test(helpOf([command]))) return [line];
    const help = helpOf(isSub ? [command, rest[0]] : [command]);
    const options = rest.filter((word) => word.startsWith('-')).map((word) => word.split('=')[0]);
    return options.every((option) => new RegExp(`(^|[ ,])${option}\\b`, 'm').test(help)) ? [] : [line];
  });
  assert.deepEqual(wrong, []);
});

test('every target and variable of make in a page exists', () => {
  const makefile = readPage('Makefile');
  const named = [...makefile.matchAll(/^([a-z][a-z ]*):/gm)].flatMap(([, names]) => names.split(' '));
  const targets = new Set([...named, ...stages.map(({ name }) => name)]);
  const variables = new Set([...makefile.matchAll(/^([A-Z]+) +=$/gm)].map(([, name]) => name));
  const calls = commands.filter(({ words: [first] }) => first === 'make');
  assert.ok(calls.length > 15 && variables.size > 5 && targets.size > 20);
  const wrong = calls.filter(({ words: [, ...rest] }) =>
    rest.some((word) => {
      const variable = /^([A-Z]+)=/.exec(word)?.[1];
      return variable === undefined ? !targets.has(word) : !variables.has(variable);
    }),
  );
  assert.deepEqual(wrong, []);
});

test('every fragment of a config in a page is one that the schema takes', () => {
  const fragments = blocksOf('ts').filter(({ text }) => /^\w+: /.test(text) && !text.includes('…'));
  const whole = fragments.filter(({ text }) =>
    Object.hasOwn(composeSchema(stages).shape, text.split(':')[0]),
  );
  assert.ok(whole.length >= 6, String(whole.length));
  for (const { page, text } of whole) {
    // Strings of JSON, so that the objects are this realm's.
    const config = JSON.parse(runInNewContext(`JSON.stringify({${text}})`));
    const { error } = composeSchema(stages).safeParse(config);
    assert.equal(error, undefined, `${page}: ${text}\n${error?.message}`);
  }
});
