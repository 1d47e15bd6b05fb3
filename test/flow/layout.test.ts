import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ActionKey, ContentHash } from '../../lib/flow/keys/key.ts';
import { StoreLayout, shownRecord } from '../../lib/flow/store/layout.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const names =
  'objects|actions|targets|runs|studies|latest|partial|outputs|quarantine|set-aside|locks|tmp|cache|views';
const files =
  'manifest\\.json|events\\.ndjson|study\\.json|store\\.json|run\\.json|files\\.json|code\\.json|shown\\.json';
/** A path put together from a store's folder, or from the name of something in it. */
const PATHS = [
  new RegExp(`\\b(join|resolve)\\([^()]*'(${names}|${files})'`, 'g'),
  /\b(join|resolve)\(\s*(this\.#?)?#?store(\.dir)?\b/g,
  /\b(join|resolve)\([^()]*\b(layout|paths|store\.layout)\.dir\b/g,
];

test('only the layout knows how the paths of a store are put together', () => {
  const wrong: string[] = [];
  for (const file of globSync(['lib/**/*.ts', 'stages/*.ts'], { cwd: root })) {
    if (file === 'lib/flow/store/layout.ts') continue;
    const text = readFileSync(join(root, file), 'utf8');
    for (const path of PATHS) for (const [found] of text.matchAll(path)) wrong.push(`${file}: ${found}`);
  }
  assert.deepEqual(wrong, []);
});

test('paths of a store are where stores have had them since the first', () => {
  const layout = new StoreLayout('/s');
  const hash = 'ab'.repeat(32) as ContentHash;
  const key = 'cd'.repeat(32) as ActionKey;
  const paths = [
    layout.marker,
    layout.object(hash),
    layout.record(key),
    layout.target('encode[a/b]'),
    layout.run('r').manifest,
    layout.run('r').events,
    layout.run('r').outputs,
    layout.study('x').note,
    layout.study('x').latest,
    layout.study('x').partial,
    layout.latest,
    layout.quarantine,
    layout.setAside,
    join(layout.locks, layout.actionLock(key)),
    layout.tmp,
    layout.fileHashes,
    layout.codeIdentities,
    layout.codeTexts,
    layout.shownStats,
    layout.view('v'),
    shownRecord(layout.latest),
  ];
  assert.deepEqual(
    paths.map((path) => relative('/s', path)),
    [
      'store.json',
      `objects/ab/${hash}`,
      `actions/cd/${key}.json`,
      'targets/encode%5Ba%2Fb%5D.json',
      'runs/r/manifest.json',
      'runs/r/events.ndjson',
      'runs/r/outputs',
      'studies/x/study.json',
      'studies/x/latest',
      'studies/x/partial',
      'latest',
      'quarantine',
      'set-aside',
      `locks/${key}.lock`,
      'tmp',
      'cache/files.json',
      'cache/code.json',
      'cache/code',
      'cache/shown.json',
      'cache/views/v',
      'latest/run.json',
    ],
  );
  assert.equal(layout.runOfOutputs('/s/runs/r/outputs'), 'r');
  for (const other of ['/s/runs/r', '/s/runs/r/outputs/x', '/t/runs/r/outputs', '/s/latest'])
    assert.equal(layout.runOfOutputs(other), undefined);
});
