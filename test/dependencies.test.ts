/** Holds docs/decisions/0010-dependencies.md: every package has its reason there, and no other stands there. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const { dependencies, devDependencies } = JSON.parse(read('package.json'));
const [production, development] = read('docs/decisions/0010-dependencies.md').split('For development only:');
const named = (text: string) => Array.from(text.matchAll(/^\| `([^`]+)` \|/gm), ([, name]) => name);

test('every package is named with its reason', () => {
  assert.deepEqual(named(production), Object.keys(dependencies));
  assert.deepEqual(named(development), Object.keys(devDependencies));
});

test('versions are pinned exactly', () => {
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    assert.match(version as string, /^\d+\.\d+\.\d+(-[\w.]+)?$/, name);
  }
});
