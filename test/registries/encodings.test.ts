/** A new encoding is one file and one line. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Project } from '../helpers/project.ts';
import { register } from './register.ts';

const project = new Project({ code: true });
after(() => project.remove());

const ENCODING = `import { z } from 'zod';
import { countUsed, defineEncoding } from './encoding.ts';
import { rowEncoder } from './rows.ts';

export const power = defineEncoding({
  module: import.meta.url,
  kind: 'power',
  about: 'A power of each count.',
  source: 'made for this test',
  genes: 'hvg',
  options: { exponent: z.number().positive().default(0.5) },
  async prepare({ params, genes }) {
    const { used } = genes;
    const own = new Float64Array(used.length);
    return rowEncoder({
      columns: used.length,
      metadata: { genesUsed: countUsed(genes), layout: 'sparse', value: 'power of counts' },
      encodeRow(block, row, _total, _id, out) {
        const n = takeUsed(block, row, used, out.indices, own, out.nnz);
        for (let i = 0; i < n; i++) out.values[out.nnz + i] = own[i] ** params.exponent;
        out.nnz += n;
      },
    });
  },
});
`;

test('an encoding that one file and one line add is computed and measured', async () => {
  register(project, {
    file: 'lib/encodings/power.ts',
    text: ENCODING,
    registry: 'lib/encodings/kinds.ts',
    line: "export { power } from './power.ts';",
  });
  project.config.encodings.root = { kind: 'power' };
  project.config.measures = { roots: { of: 'root', metric: 'pearson' } };
  project.config.joint = [];
  const { code, stdout, stderr, ran } = await project.run('similarity');
  assert.equal(code, 0, `${stderr}${stdout.slice(-2000)}`);
  assert.ok(ran.includes('encode[root]') && ran.includes('similarity[roots]'), ran.join(', '));
});

test('its code is its own, and an unknown kind is answered with it', async () => {
  await project.run('encode');
  project.edit('lib/encodings/power.ts', 'params.exponent;', 'params.exponent / 2;');
  assert.deepEqual((await project.run('encode')).ran, ['encode[root]']);
  project.config.encodings.root = { kind: 'powers' };
  const { code, stderr } = await project.rankloom('run', 'encode');
  assert.equal(code, 2);
  assert.match(stderr, /unknown encodings\.root\.kind "powers"[\s\S]*known: .*power/);
});
