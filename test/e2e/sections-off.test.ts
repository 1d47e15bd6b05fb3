/** A study whose sections are null: what is left is published, and the end of the run and the page go without the rest. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Project } from '../helpers/project.ts';

const OFF = ['encodings.parquet', 'diagnostics.parquet', 'diagnostics', 'perturbations.parquet'];

test('sections that are null have no outputs, and come with them when they are added', async () => {
  const project = new Project();
  try {
    Object.assign(project.config, { fidelity: null, diagnostics: null, joint: [], purity: { k: [] } });
    const { code, stdout, stderr } = await project.run();
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /error/);
    assert.match(stdout, /rank-spearman/, 'the measures are told');
    for (const name of OFF) assert.ok(!existsSync(project.latest(name)), name);
    for (const name of ['type_pairs', 'separation', 'joint', 'agreement', 'neighbor_purity']) {
      assert.ok(existsSync(project.latest(`${name}.parquet`)), name);
    }
    const page = readFileSync(project.latest('report.html'), 'utf8');
    for (const id of ['encodings', 'why', 'robustness', 'joint'])
      assert.doesNotMatch(page, new RegExp(`id="${id}"`));

    Object.assign(project.config, {
      diagnostics: { cells: 20 },
      perturb: { cellsPerType: 1, genesPerCell: 1 },
    });
    const more = await project.run();
    assert.equal(more.code, 0, more.stderr);
    assert.deepEqual(more.ran.sort(), [
      'diagnose[expression]',
      'diagnose[rank]',
      'perturb[expression]',
      'perturb[rank]',
      'report',
      'summarize',
    ]);
    for (const name of OFF.slice(1)) assert.ok(existsSync(project.latest(name)), name);
  } finally {
    project.remove();
  }
});
