/** Holds the shape of the house: which folder may import from which. See docs/architecture.md. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Folder → the folders it may import from, besides itself. */
const floors: Record<string, string[]> = {
  'lib/flow': ['lib/errors.ts', 'lib/permission.ts', 'lib/shared-memory.ts'],
  'lib/config': ['lib/errors.ts', 'lib/flow'],
  'lib/kernels': ['lib/errors.ts', 'lib/shared-memory.ts'],
  'lib/cells': ['lib/errors.ts', 'lib/flow', 'lib/kernels'],
  'lib/formats': ['lib/errors.ts', 'lib/flow', 'lib/cells', 'lib/kernels'],
  'lib/encodings': ['lib/errors.ts', 'lib/flow', 'lib/cells', 'lib/kernels', 'lib/formats'],
  'lib/metrics': ['lib/kernels'],
  'lib/pca': ['lib/errors.ts', 'lib/flow', 'lib/cells', 'lib/kernels', 'lib/formats'],
  'lib/umap': [
    'lib/errors.ts',
    'lib/shared-memory.ts',
    'lib/flow',
    'lib/cells',
    'lib/kernels',
    'lib/formats',
    'lib/pca',
  ],
  'lib/pairwise': ['lib/errors.ts', 'lib/flow', 'lib/cells', 'lib/kernels', 'lib/formats'],
  'lib/losses': [
    'lib/errors.ts',
    'lib/flow',
    'lib/cells',
    'lib/kernels',
    'lib/formats',
    'lib/encodings',
    'lib/pairwise',
  ],
  'lib/perturb': [
    'lib/errors.ts',
    'lib/flow',
    'lib/cells',
    'lib/kernels',
    'lib/formats',
    'lib/encodings',
    'lib/pairwise',
  ],
  'lib/compare': [
    'lib/errors.ts',
    'lib/flow',
    'lib/cells',
    'lib/kernels',
    'lib/formats',
    'lib/encodings',
    'lib/pairwise',
  ],
  'lib/descent': ['lib/errors.ts', 'lib/flow', 'lib/kernels'],
  'lib/screen': ['lib/errors.ts', 'lib/flow', 'lib/cells', 'lib/kernels', 'lib/formats', 'lib/pairwise'],
  'lib/report': ['lib/errors.ts', 'lib/flow', 'lib/cells', 'lib/formats'],
  stages: [
    'lib/errors.ts',
    'lib/flow',
    'lib/cells',
    'lib/kernels',
    'lib/formats',
    'lib/encodings',
    'lib/pca',
    'lib/umap',
    'lib/pairwise',
    'lib/descent',
    'lib/screen',
    'lib/compare',
    'lib/losses',
    'lib/perturb',
    'lib/report',
  ],
};

/** Packages that take long to load: the main thread reads every stage's declaration and must not wait for them. */
const heavy =
  /^(apache-arrow|h5wasm|hyparquet|hyparquet-writer|@observablehq\/plot|linkedom|@resvg\/resvg-js|umap-js|esbuild|piscina)(\/|$)/;

function importsOf(file: string): { path: string; typeOnly: boolean }[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = text.matchAll(/^(import|export)( type)?\s(?:[^'";]*?\sfrom\s)?'([^']+)';/gms);
  return [...found].map((m) => ({ path: m[3], typeOnly: m[2] !== undefined }));
}

const sources = globSync(['lib/**/*.ts', 'stages/*.ts'], { cwd: root }).filter(
  (f) => !f.startsWith('lib/kernels/assembly'),
);

test('imports only go down', () => {
  const wrong: string[] = [];
  for (const file of sources) {
    const home = Object.keys(floors).find((folder) => file.startsWith(`${folder}/`));
    if (home === undefined) continue; // lib/cli and lib/index.ts stand on top of everything
    for (const { path } of importsOf(file)) {
      if (!path.startsWith('.')) continue;
      const target = relative(root, join(root, dirname(file), path));
      const isHome = target.startsWith(`${home}/`) && (home !== 'stages' || file === 'stages/index.ts');
      const isBelow = floors[home].some((f) => target === f || target.startsWith(`${f}/`));
      if (!isHome && !isBelow) wrong.push(`${file} imports ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
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
