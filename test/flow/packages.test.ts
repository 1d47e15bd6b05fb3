/** Packages: what npm's record says is believed for those of the framework, as long as it agrees with what lies there. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { CodeFacts } from '../../lib/flow/code/facts.ts';
import { numbered, Packages, packageFolderOf } from '../../lib/flow/code/packages.ts';
import { StatCache } from '../../lib/flow/keys/stat-cache.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'rankloom-packages-')));
after(() => rmSync(root, { recursive: true }));

function write(name: string, content: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), content);
}
const entry = (version: string) => ({ version, integrity: `sha-${version}` });
const install = (at: string, version: string, dependencies = {}) => {
  write(`${at}/package.json`, JSON.stringify({ version, dependencies }));
  write(`${at}/index.js`, '');
};

install('node_modules/zod', '3.0.0');
install('node_modules/arrow', '21.0.0', { flat: '1', zod: '*' });
install('node_modules/arrow/node_modules/zod', '4.0.0');
install('node_modules/flat', '1.2.3', { arrow: '*', absent: '*' });
write(
  'node_modules/.package-lock.json',
  JSON.stringify({
    packages: {
      'node_modules/zod': entry('3.0.0'),
      'node_modules/arrow': entry('21.0.0'),
      'node_modules/arrow/node_modules/zod': entry('4.0.0'),
      'node_modules/flat': entry('1.2.3'),
    },
  }),
);

async function versions(byRecord: boolean, ...names: string[]) {
  const trace = new CodeFacts(new StatCache(join(root, 'none'))).trace();
  const packages = new Packages(trace);
  const roots = [];
  for (const name of names) roots.push(await packages.at(join(root, 'node_modules', name), byRecord));
  const { packages: all, form } = numbered(roots);
  return { versions: Object.fromEntries(all.map(({ label, version }) => [label, version])), form };
}

test('versions are those that an import finds, with all that packages depend on, in a circle too', async () => {
  const { versions: found, form } = await versions(true, 'arrow');
  assert.deepEqual(found, {
    'node_modules/arrow': '21.0.0 sha-21.0.0',
    'node_modules/arrow/node_modules/zod': '4.0.0 sha-4.0.0',
    'node_modules/flat': '1.2.3 sha-1.2.3',
  });
  assert.deepEqual(form[0], {
    version: '21.0.0 sha-21.0.0',
    dependencies: [
      { name: 'flat', number: 1 },
      { name: 'zod', number: 2 },
    ],
  });
  assert.deepEqual(form[1], {
    version: '1.2.3 sha-1.2.3',
    dependencies: [
      { name: 'absent', number: -1 },
      { name: 'arrow', number: 0 },
    ],
  });
});

test('the content counts for packages of others, and where the record is not of what lies there', async () => {
  const believed = (await versions(true, 'zod')).versions['node_modules/zod'];
  const content = (await versions(false, 'zod')).versions['node_modules/zod'];
  assert.equal(believed, '3.0.0 sha-3.0.0');
  assert.match(content, /^3\.0\.0 content-[0-9a-f]{32}$/);
  install('node_modules/zod', '3.0.1');
  const replaced = (await versions(true, 'zod')).versions['node_modules/zod'];
  assert.match(replaced, /^3\.0\.1 content-/);
  write('node_modules/zod/index.js', 'edited');
  assert.notEqual((await versions(true, 'zod')).versions['node_modules/zod'], replaced);
});

test('a file belongs to the innermost package', () => {
  assert.equal(packageFolderOf('/p/node_modules/a/lib/x.js'), '/p/node_modules/a');
  assert.equal(
    packageFolderOf('/p/node_modules/a/node_modules/@s/b/x.js'),
    '/p/node_modules/a/node_modules/@s/b',
  );
  assert.equal(packageFolderOf('/p/lib/x.js'), undefined);
});
