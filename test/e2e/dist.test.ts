/** The published package: made from the sources, it runs a study to the same bytes. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Project } from '../helpers/project.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('compiled and inside node_modules, the command runs a study to the bytes of the sources', async () => {
  const project = new Project();
  assert.equal((await project.run()).code, 0);
  const expected = project.hashes();

  const home = project.path('node_modules/rankloom');
  mkdirSync(project.path('node_modules'));
  execFileSync(process.execPath, [join(root, 'scripts/dist.ts'), home]);
  // What npm would install beside it.
  symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'));
  const command = [join(home, 'lib/cli/main.js'), 'run', '--store', 'elsewhere'];
  const { status, stderr } = spawnSync(process.execPath, command, { cwd: project.dir, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.deepEqual(project.hashes('elsewhere'), expected);
  project.remove();
});
