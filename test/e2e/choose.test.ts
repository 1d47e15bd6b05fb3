/** `--encodings`, and what adding an encoding computes. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Project } from '../helpers/project.ts';

const project = new Project();
after(() => project.remove());

test('with some of the encodings only these and what is made of them run; the others are one run away', async () => {
  const some = await project.run('--encodings', 'rank');
  assert.equal(some.code, 0, some.stderr);
  for (const target of ['encode[rank]', 'similarity[rank-spearman]', 'summarize', 'report']) {
    assert.ok(some.ran.includes(target), target);
  }
  // The expression itself may be there, as what the comparison holds encodings against.
  assert.deepEqual(
    some.ran.filter((target) => /^(embed|neighbors|similarity)\[expression/.test(target)),
    [],
  );
  const all = await project.run();
  assert.equal(all.code, 0, all.stderr);
  assert.ok(all.ran.includes('embed[expressionUmap]') && all.ran.includes('similarity[expression-umap]'));
  for (const target of ['load', 'subset', 'hvg', 'encode[rank]', 'similarity[rank-spearman]']) {
    assert.ok(!all.ran.includes(target), target);
  }
  const again = await project.run('--encodings', 'rank');
  assert.deepEqual(again.ran, []);
});

test('an encoding with a measure that are added compute their branch, and what shows all of them', async () => {
  await project.run();
  project.config.encodings.sentence = { kind: 'cell2sentence' };
  project.config.measures['sentence-spearman'] = { of: 'sentence', metric: 'spearman' };
  const { code, ran, stderr } = await project.run();
  assert.equal(code, 0, stderr);
  const own = ran.filter((target) => /sentence/.test(target)).sort();
  assert.ok(own.includes('encode[sentence]') && own.includes('similarity[sentence-spearman]'));
  const shared = ran.filter((target) => !/sentence/.test(target)).sort();
  assert.deepEqual(
    shared.filter((target) => /\[/.test(target)),
    [],
    'no instance of another encoding',
  );
  for (const target of ['load', 'subset', 'hvg']) assert.ok(!shared.includes(target), target);
});

test('a wrong name is refused with the nearest', async () => {
  const { code, stderr } = await project.rankloom('run', '--encodings', 'rank,expresion');
  assert.equal(code, 2);
  assert.match(stderr, /no encoding "expresion"/);
  assert.match(stderr, /expression/);
});
