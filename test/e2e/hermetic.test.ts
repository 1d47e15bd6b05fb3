import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockCounts, writeH5ad } from '../helpers/h5ad.ts';
import { Project } from '../helpers/project.ts';

test('the study up to its similarities runs hermetically, and gives the bytes of any other run', async () => {
  const [hermetic, other] = [new Project(), new Project()];
  // Parts that share memory, a team, kernels: all that a process could do otherwise than a thread.
  const { code, stdout } = await hermetic.run('similarity', '--hermetic');
  assert.equal(code, 0, stdout.slice(-3000));
  assert.equal((await other.run('similarity')).code, 0);
  assert.deepEqual(hermetic.hashes(), other.hashes());
  assert.ok(Object.keys(other.hashes()).length > 5);
  hermetic.remove();
  other.remove();
});

test('an .h5ad file is read hermetically', async () => {
  const project = new Project();
  const { rows, labels } = blockCounts(3, 12, 20);
  await writeH5ad(project.path('atlas.h5ad'), { x: rows, obs: { cell_type: labels } });
  project.config.dataset = { source: 'atlas.h5ad', label: 'cell_type' };
  project.config.subset = { minGenes: 0, minCellsPerGene: 0, minCellsPerType: 10, cellsPerType: 12 };
  project.config.hvg = { flavor: 'none' };
  const { code, stdout } = await project.run('hvg', '--hermetic');
  assert.equal(code, 0, stdout.slice(-3000));
  project.remove();
});
