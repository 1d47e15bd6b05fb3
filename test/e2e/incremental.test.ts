import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Project } from '../helpers/project.ts';

const project = new Project({ code: true });

/** Runs, expects success, and tells what ran. */
async function ran(): Promise<string[]> {
  const { code, stderr, ran } = await project.run();
  assert.equal(code, 0, stderr);
  return ran.sort();
}

async function why(target: string): Promise<string> {
  const { stdout, stderr, code } = await project.rankloom('why', target);
  assert.equal(code, 0, stderr);
  return stdout;
}

before(async () => {
  assert.deepEqual(await ran(), [
    'diagnose[expression]',
    'diagnose[rank]',
    'embed[expressionUmap]',
    'encode[expression]',
    'encode[rank]',
    'fidelity[expression]',
    'fidelity[floor:shuffled-labels]',
    'fidelity[rank]',
    'hvg',
    'joint[expression-umap:rank-spearman]',
    'load',
    'neighbors[expression-euclidean-15]',
    'neighbors[expressionUmap-euclidean-51]',
    'neighbors[rank-spearman-51]',
    'purity[expression-umap]',
    'purity[rank-spearman]',
    'report',
    'similarity[expression-umap]',
    'similarity[rank-spearman]',
    'subset',
    'summarize',
  ]);
});
after(() => project.remove());

test('a second run runs nothing and leaves the outputs as they are', async () => {
  const hashes = project.hashes();
  assert.deepEqual(await ran(), []);
  assert.deepEqual(project.hashes(), hashes);
});

test('changing the dimensions of an embedding reruns it, what measures it, the summary and the report', async () => {
  project.config.embeddings.expressionUmap.dims = 4;
  assert.match(await why('embed[expressionUmap]'), /dims.*5.*4/);
  assert.deepEqual(await ran(), [
    'embed[expressionUmap]',
    'joint[expression-umap:rank-spearman]',
    'neighbors[expressionUmap-euclidean-51]',
    'purity[expression-umap]',
    'report',
    'similarity[expression-umap]',
    'summarize',
  ]);
  project.config.embeddings.expressionUmap.dims = 5;
  assert.deepEqual(await ran(), [], 'going back is a hit');
});

test('swapping an encoding reruns its own branch only', async () => {
  project.config.encodings.rank = { kind: 'cell2sentence' };
  assert.match(await why('encode[rank]'), /kind.*rank.*cell2sentence/);
  assert.match(await why('similarity[rank-spearman]'), /encode\[rank\]/);
  assert.deepEqual(await ran(), [
    'diagnose[rank]',
    'encode[rank]',
    'fidelity[rank]',
    'joint[expression-umap:rank-spearman]',
    'neighbors[rank-spearman-51]',
    'purity[rank-spearman]',
    'report',
    'similarity[rank-spearman]',
    'summarize',
  ]);
  project.config.encodings.rank = { kind: 'rank' };
  assert.deepEqual(await ran(), []);
});

test('adding an encoding that nothing measures computes just that, what it keeps and loses, the summary and the report', async () => {
  project.config.encodings.counts = { kind: 'counts' };
  assert.deepEqual(await ran(), [
    'diagnose[counts]',
    'encode[counts]',
    'fidelity[counts]',
    'report',
    'summarize',
  ]);
  delete project.config.encodings.counts;
  assert.deepEqual(await ran(), []);
});

test('editing a comment in a stage reruns nothing', async () => {
  project.edit('stages/hvg.ts', 'import { matrix }', '// Another comment.\nimport { matrix }');
  assert.deepEqual(await ran(), []);
});

test('editing a helper of two stages reruns those two, and stops where the bytes are the same', async () => {
  // The simulator's source of rows is used by load and subset, and by no other stage.
  project.edit('lib/cells/simulated/simulate.ts', "matrix: 'simulated'", "matrix: ['simulated'][0]");
  assert.match(await why('load'), /lib\/cells\/simulated\/simulate\.ts/);
  assert.match(await why('subset'), /lib\/cells\/simulated\/simulate\.ts/);
  assert.deepEqual(await ran(), ['load', 'subset']);
});

test('a run for some targets only', async () => {
  project.config.hvg = { flavor: 'none' };
  const { code, ran: started } = await project.run('encode[rank]');
  assert.equal(code, 0);
  assert.deepEqual(started.sort(), ['encode[rank]', 'hvg']);
  project.config.hvg = { flavor: 'annotated' };
});
