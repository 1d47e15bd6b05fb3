import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PackageVersions } from '../../lib/flow/packages.ts';

const root = mkdtempSync(join(tmpdir(), 'rankloom-packages-'));
after(() => rmSync(root, { recursive: true }));
const entry = (version: string, dependencies = {}) => ({
  version,
  integrity: `sha-${version}`,
  dependencies,
});
mkdirSync(join(root, 'stages'));
mkdirSync(join(root, 'node_modules/rankloom/stages'), { recursive: true });
writeFileSync(
  join(root, 'node_modules/.package-lock.json'),
  JSON.stringify({
    packages: {
      'node_modules/rankloom': entry('1.0.0', { zod: '4', arrow: '21' }),
      'node_modules/zod': entry('3.0.0'),
      'node_modules/arrow': entry('21.0.0', { flat: '1' }),
      'node_modules/flat': entry('1.2.3'),
      'node_modules/rankloom/node_modules/zod': entry('4.0.0'),
    },
  }),
);

test('versions are those that an import from this folder finds, with all that they depend on', () => {
  const { versions } = new PackageVersions(join(root, 'stages')).closure(['zod', 'arrow/reader', 'node:fs']);
  assert.deepEqual(versions, {
    'node_modules/arrow': '21.0.0 sha-21.0.0',
    'node_modules/flat': '1.2.3 sha-1.2.3',
    'node_modules/zod': '3.0.0 sha-3.0.0',
  });
});

test('a package sees its own packages before those of the project', () => {
  const { versions } = new PackageVersions(join(root, 'node_modules/rankloom/stages')).closure([
    'zod',
    'arrow',
  ]);
  assert.deepEqual(versions, {
    'node_modules/arrow': '21.0.0 sha-21.0.0',
    'node_modules/flat': '1.2.3 sha-1.2.3',
    'node_modules/rankloom/node_modules/zod': '4.0.0 sha-4.0.0',
  });
});
