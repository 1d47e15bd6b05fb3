/**
 * Runs docs/tutorial.md: its commands in their order, its edits of the config, and, with the file that its numbers are of,
 * what it says they print. Without that file the commands run on invented cells by the same names.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readPage, root } from '../docs/pages.ts';
import { blockCounts, writeH5ad } from '../helpers/h5ad.ts';
import { sharedData } from '../helpers/project.ts';

const CONFIG = 'pbmc3k.config.ts';
const { path: data, skip: missing } = sharedData('pbmc3k.h5ad');
const skip = spawnSync('make', ['--version']).status === 0 ? false : 'needs GNU make';

/** The blocks that are commands, edits or output (no language), in their order. */
const blocks = [...readPage('docs/tutorial.md').matchAll(/^```(\w*)\n(.*?)^```$/gms)]
  .map(([, language, text]) => ({ language, text }))
  .filter(({ language }) => ['sh', 'diff', ''].includes(language));

let dir: string;
before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'rankloom-tutorial-'));
  for (const name of ['Makefile', 'rankloom', 'lib', 'stages', 'package.json'])
    symlinkSync(join(root, name), join(dir, name));
  // An install that is up to date, so that no test asks a registry.
  mkdirSync(join(dir, 'node_modules'));
  for (const name of readdirSync(join(root, 'node_modules')))
    if (name !== '.package-lock.json')
      symlinkSync(join(root, 'node_modules', name), join(dir, 'node_modules', name));
  writeFileSync(join(dir, 'package-lock.json'), '{}');
  utimesSync(join(dir, 'package-lock.json'), 1, 1);
  writeFileSync(join(dir, 'node_modules/.package-lock.json'), '{}');
  if (missing === false) copyFileSync(data, join(dir, 'pbmc3k.h5ad'));
  else {
    const { rows, labels } = blockCounts(4, 60, 400);
    await writeH5ad(join(dir, 'pbmc3k.h5ad'), { x: rows, obs: { cell_type: labels } });
  }
});
after(() => rmSync(dir, { recursive: true, force: true }));

/** Runs the commands of a block in one shell that stops at the first that fails. */
function run(commands: string): string {
  const { MAKEFLAGS, MAKELEVEL, MFLAGS, ...env } = process.env;
  // Kernels are taken as they are: to build them is another test's.
  const old = readdirSync(join(root, 'lib/kernels')).filter((name) => name.endsWith('.wasm'));
  const make = `make() { command make ${old.map((name) => `-o lib/kernels/${name}`).join(' ')} "$@"; }`;
  // In one stream, as a terminal shows it.
  const script = `exec 2>&1\nset -e\n${make}\n${commands}`;
  const { status, stdout } = spawnSync('sh', ['-c', script], { cwd: dir, encoding: 'utf8', env });
  assert.equal(status, 0, `${commands}${stdout}`);
  return stdout;
}

/** Replaces the lines of an edit that begin with a blank or a minus by those that begin with a blank or a plus. */
function edit(diff: string): void {
  const lines = diff.split('\n').filter((line) => line !== '');
  const side = (sign: string) =>
    lines
      .filter(([first]) => first === ' ' || first === sign)
      .map((line) => `${line.slice(1)}\n`)
      .join('');
  const text = readFileSync(join(dir, CONFIG), 'utf8');
  assert.equal(text.split(side('-')).length, 2, `${CONFIG} has these lines once:\n${side('-')}`);
  writeFileSync(join(dir, CONFIG), text.replace(side('-'), side('+')));
}

/** A line as it is compared: blanks are one, `…` and times are anything. */
const pattern = (line: string) =>
  new RegExp(
    line
      .trim()
      .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replace(/\s+/g, '\\s+')
      .replaceAll('…', '.+'),
  );

const printed: { block: string; output: string }[] = [];

test('its commands run, in their order', { skip }, () => {
  assert.ok(blocks.filter(({ language }) => language === 'sh').length >= 6);
  let output = '';
  for (const { language, text } of blocks) {
    if (language === 'sh') output = run(text);
    else if (language === 'diff') edit(text);
    else printed.push({ block: text, output });
  }
  assert.match(output, /up to date/);
});

test('they print what it says they print', { skip: skip || missing }, () => {
  assert.ok(printed.length >= 6);
  for (const { block, output } of printed) {
    let rest = output;
    for (const line of block.split('\n').filter((line) => line.trim() !== '')) {
      const found = pattern(line).exec(rest);
      assert.ok(found, `no line "${line}" in what is left of:\n${rest}`);
      rest = rest.slice(found.index + found[0].length);
    }
  }
});
