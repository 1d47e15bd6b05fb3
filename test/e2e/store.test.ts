import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Project } from '../helpers/project.ts';

const project = new Project();
before(async () => {
  assert.equal((await project.run()).code, 0);
});
after(() => project.remove());

test('verify: exit code 0 for a whole store, 3 for a damaged one; the next run makes it whole', async () => {
  assert.equal((await project.rankloom('verify')).code, 0);
  const hashes = project.hashes();
  const hash = hashes['separation.parquet'];
  const path = project.path('artifacts', 'objects', hash.slice(0, 2), hash);
  chmodSync(path, 0o644);
  writeFileSync(path, 'X', { flag: 'r+' });
  const { code, stdout } = await project.rankloom('verify');
  assert.equal(code, 3);
  assert.match(stdout, new RegExp(`damaged +${hash}.*summarize`));
  const again = await project.run();
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(again.ran, ['summarize'], 'the same bytes come out, so the report stays');
  assert.deepEqual(project.hashes(), hashes);
  assert.equal((await project.rankloom('verify')).code, 0);
});

test('gc keeps what is in use', async () => {
  const before = project.hashes();
  project.config.hvg = { flavor: 'none' };
  assert.equal((await project.run()).code, 0);
  project.config.hvg = { flavor: 'annotated' };
  assert.equal((await project.run()).code, 0);
  const { stdout, code } = await project.rankloom('gc', '--keep-runs', '0', '--keep-days', '0', '--json');
  assert.equal(code, 0);
  assert.ok(JSON.parse(stdout).objects > 5);
  assert.equal((await project.rankloom('verify')).code, 0);
  assert.deepEqual((await project.run()).ran, []);
  assert.deepEqual(project.hashes(), before);
});
