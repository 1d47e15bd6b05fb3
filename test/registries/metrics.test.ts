/** A new metric is one file and one line. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Project } from '../helpers/project.ts';
import { register } from './register.ts';

const project = new Project({ code: true });
after(() => project.remove());

/** The share of detected genes that two cells have in common, of those that either has. */
const METRIC = `import { detectedRows, rowByRow } from '../detected-rows.ts';
import { defineMetric } from '../metric-definition.ts';
import { readRows } from '../row-source.ts';

export const jaccard = defineMetric({
  module: import.meta.url,
  name: 'jaccard',
  orientation: 'similarity',
  needs: 'detected genes',
  async openRows(source, genes, order) {
    const { indptr, indices, rows } = detectedRows(await readRows(source), 'jaccard', order);
    const sets = Array.from({ length: rows }, (_, i) => new Set(indices.subarray(indptr[i], indptr[i + 1])));
    return {
      rows,
      metric: 'jaccard',
      defined: Uint8Array.from(sets, ({ size }) => (size > 0 ? 1 : 0)),
      size: { genes },
      tile: rowByRow((row, start, end, out, at) => {
        for (let column = start; column < end; column++) {
          const shared = sets[row].intersection(sets[column]).size;
          out[at++] = shared / (sets[row].size + sets[column].size - shared);
        }
      }),
    };
  },
});
`;

test('a metric that one file and one line add is measured, and finds neighbours', async () => {
  register(project, {
    file: 'lib/pairwise/spaces/metrics/jaccard.ts',
    text: METRIC,
    registry: 'lib/pairwise/spaces/metrics.ts',
    line: "export { jaccard } from './metrics/jaccard.ts';",
  });
  project.config.measures = {
    overlap: { of: 'expression', metric: 'jaccard' },
    other: { of: 'expression', metric: 'ochiai' },
  };
  project.config.joint = [];
  const { code, stderr, ran } = await project.run('similarity', 'neighbors[expression-jaccard-51]');
  assert.equal(code, 0, stderr);
  for (const target of ['similarity[overlap]', 'neighbors[expression-jaccard-51]']) {
    assert.ok(ran.includes(target), `${target} ran, among ${ran.join(', ')}`);
  }
});

test('its code is its own: an edit of it reruns its measures alone', async () => {
  project.edit('lib/pairwise/spaces/metrics/jaccard.ts', '- shared);', '- shared) / 2;');
  assert.deepEqual((await project.run('similarity')).ran, ['similarity[overlap]']);
});

test('it is refused where it does not fit, and a wrong name is answered with all', async () => {
  project.config.measures = { overlap: { of: 'expressionUmap', metric: 'jaccard' } };
  const refused = await project.rankloom('run', 'similarity');
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /jaccard is of detected genes/);
  project.config.measures = { overlap: { of: 'expression', metric: 'jacard' } };
  const unknown = await project.rankloom('run', 'similarity');
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /jaccard/);
});
