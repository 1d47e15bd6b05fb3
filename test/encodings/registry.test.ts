import assert from 'node:assert/strict';
import test from 'node:test';
import {
  drawsRandom,
  encodingFiles,
  encodingKinds,
  encodingOf,
  encodingParams,
  encodingSchema,
} from '../../lib/encodings/index.ts';

test('every encoding is registered under its kind and says what it is and where from', () => {
  for (const kind of encodingKinds) {
    const encoding = encodingOf(kind);
    assert.equal(encoding.kind, kind);
    assert.equal(encoding.schema.shape.kind.value, kind);
    assert.ok(encoding.about.endsWith('.') && encoding.source !== '', kind);
    for (const file of encoding.files)
      assert.ok(file in encoding.schema.shape, `${kind} has no option ${file}`);
  }
  const listed = encodingSchema.options.map((schema) => schema.shape.kind.value);
  assert.deepEqual([...listed].sort(), [...encodingKinds].sort());
});

test('numbers of expression default to the variable genes, models to all', () => {
  const genes = (kind: string, options = {}) => encodingSchema.parse({ kind, ...options }).genes;
  for (const kind of ['counts', 'lognorm', 'rank', 'rank-detected']) assert.equal(genes(kind), 'hvg');
  for (const kind of ['cell2sentence', 'genept-s', 'scgpt', 'scbert', 'uce'])
    assert.equal(genes(kind), 'all');
  assert.equal(genes('scfoundation', { index: 'i' }), 'all');
  assert.equal(genes('geneformer', { tokens: 't', medians: 'm' }), 'all');
});

test('paths of files are inputs, not params', () => {
  const options = encodingSchema.parse({
    kind: 'geneformer',
    tokens: 'a/t.json',
    medians: 'm.json',
    mapping: 'x.json',
  });
  assert.deepEqual(encodingFiles(options), { tokens: 'a/t.json', medians: 'm.json', mapping: 'x.json' });
  assert.deepEqual(encodingParams(options), {
    kind: 'geneformer',
    version: 'V1',
    genes: 'all',
    length: null,
    ties: 'stable',
    dataset: null,
  });
  assert.deepEqual(encodingFiles(encodingSchema.parse({ kind: 'rank' })), {});
});

test('only random ties draw random numbers', () => {
  const draws = (options: object) => drawsRandom(encodingSchema.parse(options));
  assert.equal(draws({ kind: 'rank' }), false);
  assert.equal(draws({ kind: 'cell2sentence' }), false);
  assert.equal(draws({ kind: 'cell2sentence', ties: 'random' }), true);
});

test('an unknown kind is answered with the known ones, an unknown option with its name', () => {
  const issue = (options: unknown) => encodingSchema.safeParse(options).error!.issues[0];
  assert.match(
    issue({ kind: 'ranks' }).message,
    /^unknown encoding "ranks"; known kinds: cell2sentence, counts, .*, rank, /,
  );
  assert.deepEqual(issue({ kind: 'ranks' }).path, ['kind']);
  assert.match(issue({}).message, /^an encoding needs a kind; known kinds/);
  assert.match(issue({ kind: 'rank', targt: 1 }).message, /targt/);
  assert.match(issue('rank').message, /expected object/);
});
