import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfigFile } from '../../lib/config/index.ts';
import { folder, refusal, resolved } from './support.ts';

const forms = {
  'pipeline.config.ts': `import { defineConfig } from 'rankloom';\nexport default defineConfig({ seed: 7 as number });`,
  'pipeline.config.js': 'export default { seed: 7 };',
  'pipeline.config.mjs': 'export default { seed: 7 };',
  'pipeline.config.json': '{ "seed": 7 }',
  'pipeline.config.yaml': 'seed: 7',
  'pipeline.config.yml': 'seed: 7',
};

for (const [name, text] of Object.entries(forms)) {
  test(`${name} is found and read`, async (t) => {
    const { seed, file, config } = await resolved(t, { [name]: text });
    assert.equal(seed, 7);
    assert.ok(file.path.endsWith(name));
    assert.deepEqual(config.subset, { minGenes: 200, cellsPerType: 500, maxMitoPercent: 20 });
  });
}

test('a CommonJS config is read too', async (t) => {
  const { seed } = await resolved(t, { 'pipeline.config.js': 'module.exports = { seed: 7 };' });
  assert.equal(seed, 7);
});

test('the config of the nearest folder above counts', async (t) => {
  const root = realpathSync(folder(t, { 'pipeline.config.json': '{ "seed": 1 }', 'package.json': '{}' }));
  const below = mkdtempSync(join(root, 'below-'));
  assert.equal((await loadConfigFile(below)).path, join(root, 'pipeline.config.json'));
  writeFileSync(join(below, 'pipeline.config.yaml'), 'seed: 2');
  assert.equal((await loadConfigFile(below)).path, join(below, 'pipeline.config.yaml'));
});

test('the search ends at the first package.json', async (t) => {
  const root = folder(t, { 'pipeline.config.json': '{ "seed": 1 }' });
  mkdirSync(join(root, 'other'));
  writeFileSync(join(root, 'other', 'package.json'), '{}');
  await assert.rejects(loadConfigFile(join(root, 'other')), /no config file found/);
});

test('a syntax error is shown with its place', async (t) => {
  const cases: [string, string, string][] = [
    ['pipeline.config.ts', 'export default {\n  seed: : 1 };\n', 'pipeline.config.ts:2:9'],
    ['pipeline.config.js', 'export default {\n  seed: : 1 };\n', 'pipeline.config.js:2:9'],
    ['pipeline.config.json', '{\n  "seed": 1,,\n}', 'pipeline.config.json:2:13'],
    ['pipeline.config.json', '{\n  "seed": 1\n', 'pipeline.config.json:2:12'],
    ['pipeline.config.yaml', 'a:\n  b: 1\n c: 2\n', 'pipeline.config.yaml:3:1'],
  ];
  for (const [name, text, place] of cases) {
    const report = await refusal(t, { [name]: text });
    assert.match(report, /is not valid: /);
    assert.ok(report.endsWith(`\n${place}`), `${report}\nis not at ${place}`);
  }
});

test('a config that fails while it runs names the line', async (t) => {
  const report = await refusal(t, {
    'pipeline.config.ts': `const n: number = 1;\nnull.x;\nexport default { seed: n };`,
  });
  assert.match(
    report,
    /failed while it ran: Cannot read properties of null[\s\S]*\npipeline\.config\.ts:2:6$/,
  );
});

test('an import that cannot be found names the line', async (t) => {
  const report = await refusal(t, {
    'pipeline.config.ts': `\nimport a from './nope.ts';\nexport default a;`,
  });
  assert.match(report, /imports what cannot be found[\s\S]*\npipeline\.config\.ts:2:18$/);
});

test('no file, no export, nothing inside: each says what to do', async (t) => {
  assert.match(
    await refusal(t, {}),
    /^no config file found\none of pipeline\.config\.ts,[\s\S]*rankloom init/,
  );
  assert.match(await refusal(t, {}, { config: 'no.ts' }), /^no config file no\.ts\n[\s\S]*--config/);
  assert.match(await refusal(t, { 'a.toml': '' }, { config: 'a.toml' }), /what kind/);
  assert.match(await refusal(t, { 'pipeline.config.ts': 'export const a = 1;' }), /has no default export/);
  assert.match(await refusal(t, { 'pipeline.config.yaml': '' }), /holds no config/);
});
