/** A new embedding method is one file and one line. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { after, test } from 'node:test';
import { Project } from '../helpers/project.ts';
import { register } from './register.ts';

const project = new Project({ code: true });
after(() => project.remove());

const METHOD = `import { z } from 'zod';
import { defineEmbedding } from './method.ts';
import { spaceRef } from './space-ref.ts';

export const line = defineEmbedding({
  module: import.meta.url,
  method: 'line',
  about: 'The cells on a line, in their order.',
  options: { of: z.string().min(1), step: z.number().default(1) },
  check: ({ step }) => (step === 0 ? [{ option: 'step', message: 'a step of 0 puts all cells in one place' }] : []),
  params: ({ step }) => ({ step }),
  inputs: ({ of }, config) => ({ rows: spaceRef(config, of) }),
  neighbors: ({ of }) => ({ of, metric: 'cosine', k: 4, fitCells: null }),
  needs: { memory: () => 1e6 },
  async run({ params, cellIds }) {
    const values = Float32Array.from(cellIds, (_, i) => i * params.step);
    return { dims: 1, values, notes: ['cells lie on a line'] };
  },
});
`;

test('a method that one file and one line add is computed, published, measured and checked', async () => {
  register(project, {
    file: 'lib/embeddings/line.ts',
    text: METHOD,
    registry: 'lib/embeddings/methods.ts',
    line: "export { line } from './line.ts';",
  });
  project.config.embeddings = {
    pcs: { method: 'pca', of: 'expression', dims: 3 },
    row: { method: 'line', of: 'pcs', step: 2 },
  };
  project.config.measures = { apart: { of: 'row', metric: 'euclidean' } };
  project.config.joint = [];
  const { code, stderr, ran } = await project.run('embed', 'neighbors', 'similarity');
  assert.equal(code, 0, stderr);
  for (const target of ['embed[row]', 'neighbors[pcs-cosine-4]', 'similarity[apart]']) {
    assert.ok(ran.includes(target), `${target} ran, among ${ran.join(', ')}`);
  }
  const published = globSync('artifacts/runs/*/outputs/embeddings/row.{arrow,notes.json}', {
    cwd: project.dir,
  });
  assert.equal(published.length, 2, published.join(', '));
});

test('its code is its own: an edit of it reruns its embeddings alone', async () => {
  project.edit('lib/embeddings/line.ts', 'i * params.step', 'i * params.step + 1');
  assert.deepEqual((await project.run('embed')).ran, ['embed[row]']);
});

test('its options are those of the config: a wrong one is refused with its place', async () => {
  project.config.embeddings.row = { method: 'line', of: 'pcs', stepp: 2 };
  const unknown = await project.rankloom('run', 'embed');
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /stepp[\s\S]*step/);
  project.config.embeddings.row = { method: 'line', of: 'pcs', step: 0 };
  const refused = await project.rankloom('run', 'embed');
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /a step of 0 puts all cells in one place/);
  project.config.embeddings.row = { method: 'lines', of: 'pcs' };
  const method = await project.rankloom('run', 'embed');
  assert.equal(method.code, 2);
  assert.match(method.stderr, /line/);
});
