/** The linter refuses in stages, and in what they use, what gives other bytes at another time or on another machine. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const biome = fileURLToPath(new URL('../node_modules/@biomejs/biome/bin/biome', import.meta.url));

/** Line and first words of what the plugins find in a text that stands at `path`, in a folder like the project. */
function findings(path: string, text: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'rankloom-lint-'));
  try {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    const { stdout, stderr, error } = spawnSync(
      process.execPath,
      [
        biome,
        'lint',
        '--colors=off',
        '--max-diagnostics=100',
        `--config-path=${root}biome.json`,
        '--vcs-enabled=false',
        folder,
      ],
      { encoding: 'utf8' },
    );
    assert.equal(error, undefined);
    assert.match(stdout, /Checked 1 file/);
    const found = `${stdout}\n${stderr}`.matchAll(/^\S+?:(\d+):\d+ plugin ━[^×]*× (.*)$/gm);
    return [...found]
      .map(([, line, message]) => `${line} ${message.split(' ').slice(0, 6).join(' ')}`)
      .sort((x, y) => Number.parseInt(x, 10) - Number.parseInt(y, 10));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const WRONG = `
export const a = Date.now();
export const b = new Date(0);
export const c = Math.random();
export const d = ['b', 'a'].sort((x, y) => x.localeCompare(y));
export const e = (12.5).toLocaleString();
export const f = new Intl.NumberFormat().format(1);
export const g = globalThis.Date;
export const h = Math.log(a) + Math.sqrt(a);
export const i = a ** 2 + 2 ** 3;
const { cos, sqrt } = Math;
export let j = cos(1) + sqrt(2);
j **= 2;
`;

test('clock, chance, locale and functions that differ between engines are errors in a stage', () => {
  for (const path of ['stages/example.ts', 'lib/pairwise/example.ts']) {
    assert.deepEqual(findings(path, WRONG), [
      '2 A stage may not look at',
      '3 A stage may not look at',
      '4 A stage draws its random numbers',
      '5 A stage may not depend on',
      '6 A stage may not depend on',
      '7 A stage may not depend on',
      '8 A stage may depend neither on',
      '9 Engines differ in the last bits',
      '10 Engines differ in the last bits',
      '11 Take only functions of Math that',
      '13 Engines differ in the last bits',
    ]);
  }
  assert.deepEqual(findings('lib/cli/example.ts', WRONG), [], 'the command line may look at the clock');
});

test('what is exact, and names that only look alike, are allowed', () => {
  const right = `
/** Date and Math.random in words. */
const { fround, sqrt } = Math;
export type When = { Date: number };
export const when: When = { Date: 2 ** 20 };
export const size = fround(sqrt(Math.max(when.Date, 1))) + Math.floor(0.5);
export const text = 'Date.now()';
`;
  assert.deepEqual(findings('stages/example.ts', right), []);
});

test('every folder of the science is watched', () => {
  const { plugins } = JSON.parse(readFileSync(new URL('../biome.json', import.meta.url), 'utf8'));
  const ground = ['lib/cli', 'lib/config', 'lib/flow'];
  const science = globSync('lib/*/', { cwd: root })
    .map((folder) => folder.replace(/\/$/, ''))
    .filter((folder) => !ground.includes(folder));
  for (const { path, includes } of plugins) {
    const missing = [...science, 'stages'].filter((folder) => !includes.includes(`**/${folder}/**`));
    assert.deepEqual(missing, [], path);
  }
});
