/** Holds the shape of the house: which folder may import from which. See docs/architecture.md. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Room → the rooms it may import from, besides itself. What every room but the lowest may use stands in `ground`. */
const ground = ['lib/errors.ts', 'lib/permission.ts', 'lib/shared-memory.ts'];
const rooms: Record<string, string[]> = {
  'lib/flow': [],
  'lib/config': ['lib/flow'],
  'lib/kernels': [],
  'lib/stats': ['lib/flow'],
  'lib/cells': ['lib/flow', 'lib/kernels', 'lib/stats'],
  'lib/data': ['lib/flow', 'lib/cells'],
  'lib/encodings': ['lib/flow', 'lib/kernels', 'lib/stats', 'lib/cells', 'lib/data'],
  'lib/pairwise': ['lib/flow', 'lib/kernels', 'lib/stats', 'lib/cells', 'lib/data'],
  'lib/neighbors': ['lib/flow', 'lib/kernels', 'lib/cells', 'lib/data', 'lib/pairwise'],
  'lib/embeddings': ['lib/flow', 'lib/kernels', 'lib/cells', 'lib/data', 'lib/pairwise', 'lib/neighbors'],
  'lib/evaluation': [
    'lib/flow',
    'lib/kernels',
    'lib/stats',
    'lib/cells',
    'lib/data',
    'lib/encodings',
    'lib/pairwise',
    'lib/neighbors',
  ],
  'lib/study': [
    'lib/flow',
    'lib/config',
    'lib/cells',
    'lib/data',
    'lib/encodings',
    'lib/pairwise',
    'lib/neighbors',
    'lib/embeddings',
    'lib/evaluation',
  ],
  'lib/report': ['lib/flow', 'lib/cells', 'lib/data'],
  stages: [
    'lib/flow',
    'lib/kernels',
    'lib/stats',
    'lib/cells',
    'lib/data',
    'lib/encodings',
    'lib/embeddings',
    'lib/pairwise',
    'lib/neighbors',
    'lib/evaluation',
    'lib/study',
    'lib/report',
  ],
};

/** Packages that take long to load: the main thread reads every stage's declaration and must not wait for them. */
const heavy =
  /^(apache-arrow|h5wasm|hyparquet|hyparquet-writer|@observablehq\/plot|linkedom|@resvg\/resvg-js|umap-js|esbuild|piscina)(\/|$)/;

/** What a module names: by import, and by URL, as code of other threads and as assets. */
function importsOf(file: string): { path: string; typeOnly: boolean }[] {
  const text = readFileSync(join(root, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const statements = text.matchAll(/^(?:import|export)( type)?\s(?:[^'";]*?\sfrom\s)?'([^']+)';/gms);
  const urls = text.matchAll(
    /\bimport\(\s*'([^']+)',?\s*\)|new URL\(\s*'([^']+)',\s*import\.meta\.url,?\s*\)/g,
  );
  return [
    ...[...statements].map((m) => ({ path: m[2], typeOnly: m[1] !== undefined })),
    ...[...urls].map((m) => ({ path: m[1] ?? m[2], typeOnly: true })),
  ];
}

const sources = globSync(['lib/**/*.ts', 'stages/*.ts'], { cwd: root }).filter(
  (f) => !f.startsWith('lib/kernels/assembly'),
);
const isSource = new Set(sources);

/** File → the files of ours that it names. */
const edges = new Map(
  sources.map((file) => {
    const targets = importsOf(file)
      .filter(({ path }) => path.startsWith('.'))
      .map(({ path }) => relative(root, join(root, dirname(file), path)));
    return [file, new Set(targets.filter((target) => isSource.has(target) && target !== file))];
  }),
);

/** The first circle that is found from each node on, as a path; of nodes that are in one already none is told again. */
function circles(next: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): void => {
    if (path.includes(node)) {
      found.push([...path.slice(path.indexOf(node)), node].join(' -> '));
      return;
    }
    if (done.has(node)) return;
    path.push(node);
    for (const target of next.get(node) ?? []) visit(target);
    path.pop();
    done.add(node);
  };
  for (const node of next.keys()) visit(node);
  return found;
}

/** Edges between what files belong to. */
function between(homeOf: (file: string) => string): Map<string, Set<string>> {
  const result = new Map<string, Set<string>>();
  for (const [file, targets] of edges) {
    const home = homeOf(file);
    const own = result.get(home) ?? new Set();
    for (const target of targets) if (homeOf(target) !== home) own.add(homeOf(target));
    result.set(home, own);
  }
  return result;
}

const hasFolders = new Set(sources.map((file) => dirname(dirname(file))));
/** A folder of files; of a folder with folders in it, each file for itself. */
const subRoomOf = (file: string) => (hasFolders.has(dirname(file)) ? file : dirname(file));

test('imports only go down, from room to room', () => {
  const wrong: string[] = [];
  for (const [file, targets] of edges) {
    const home = Object.keys(rooms).find((folder) => file.startsWith(`${folder}/`));
    if (home === undefined) continue; // lib/cli, lib/index.ts and what is below all
    for (const target of targets) {
      const isHome = target.startsWith(`${home}/`) && (home !== 'stages' || file === 'stages/index.ts');
      const isBelow = [...ground, ...rooms[home]].some((f) => target === f || target.startsWith(`${f}/`));
      if (!isHome && !isBelow) wrong.push(`${file} imports ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('every folder of lib is a room that is known here', () => {
  const folders = new Set(sources.map((file) => file.split('/').slice(0, 2).join('/')));
  const known = new Set([...Object.keys(rooms), ...ground, 'lib/cli', 'lib/index.ts']);
  assert.deepEqual(
    [...folders].filter((f) => f.startsWith('lib/') && !known.has(f)),
    [],
  );
});

test('no files import each other in a circle, not even for types or by URL', () => {
  assert.deepEqual(circles(edges), []);
});

test('no folders of one room import each other in a circle', () => {
  assert.deepEqual(circles(between(subRoomOf)), []);
});

test('no folder holds more files than one can look through', () => {
  const count = new Map<string, number>();
  for (const file of sources) count.set(dirname(file), (count.get(dirname(file)) ?? 0) + 1);
  assert.deepEqual(
    [...count].filter(([, files]) => files > 48),
    [],
  );
});

test('what a file exports has a user: another file, a test or a bench', () => {
  const others = globSync(['{test,bench}/**/*.ts', 'pipeline.config.ts'], { cwd: root });
  const usersOf = new Map<string, Set<string>>();
  const exported: [file: string, name: string][] = [];
  for (const file of [...sources, ...others]) {
    const text = readFileSync(join(root, file), 'utf8');
    for (const [name] of text.matchAll(/[A-Za-z_$][\w$]*/g)) {
      const users = usersOf.get(name);
      if (users === undefined) usersOf.set(name, new Set([file]));
      else users.add(file);
    }
    if (!isSource.has(file)) continue;
    const values = text.matchAll(/^export (?:async )?(?:function\*?|const|let|class) ([\w$]+)/gm);
    for (const [, name] of values) exported.push([file, name]);
  }
  assert.ok(exported.length > 1000, 'exports are found');
  const unused = exported.filter(([, name]) => usersOf.get(name)!.size === 1);
  assert.deepEqual(unused, []);
});

test('heavy packages are imported where they are used, not when a stage is declared', () => {
  const wrong: string[] = [];
  for (const file of sources) {
    for (const { path, typeOnly } of importsOf(file)) {
      if (!typeOnly && heavy.test(path)) wrong.push(`${file} imports ${path}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('the project does not speak of machines', () => {
  const files = globSync(['**/*.{ts,md,json,py,yml}', 'Makefile', '.ci/run'], {
    cwd: root,
    exclude: (name) => /^(node_modules|artifacts|dist|\.git)$/.test(name),
  });
  const wrong = files.filter((file) => {
    if (file === 'test/architecture.test.ts') return false;
    if (/^[^/]+\.config\.ts$/.test(file) && file !== 'pipeline.config.ts') return false; // fitted to somebody's data
    return /\/work\/|\/root\/|"resolved": "http/.test(readFileSync(join(root, file), 'utf8'));
  });
  assert.deepEqual(wrong, []);
});
