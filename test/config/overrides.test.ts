import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderPlace } from '../../lib/config/index.ts';
import { applyOverrides, parseSet } from '../../lib/config/overrides.ts';
import { formatPath, parsePath } from '../../lib/config/path.ts';
import { refusal, resolved } from './support.ts';

const set = (config: unknown, ...assignments: string[]) => applyOverrides(config, assignments.map(parseSet));

test('a value is JSON if it parses, else text', () => {
  assert.deepEqual(set({}, 'a=1', 'b=true', 'c=null', 'd=[1,"x"]', 'e=x y', 'f="7"', 'g=a=b', 'h='), {
    a: 1,
    b: true,
    c: null,
    d: [1, 'x'],
    e: 'x y',
    f: '7',
    g: 'a=b',
    h: '',
  });
});

test('paths reach into objects and lists, and make what is not there', () => {
  assert.deepEqual(
    set({ a: { b: 1 } }, 'a.c=2', 'x.y.z=3', 'l[0]=4', 'l[1]=5', 'l.0=6', 'm["a.b"].n=7', "m['c d']=8"),
    {
      a: { b: 1, c: 2 },
      x: { y: { z: 3 } },
      l: [6, 5],
      m: { 'a.b': { n: 7 }, 'c d': 8 },
    },
  );
});

test('the given config is left as it is, and later ones win', () => {
  const config = Object.freeze({ a: Object.freeze({ b: 1 }) });
  assert.deepEqual(set(config, 'a.b=2', 'a.b=3'), { a: { b: 3 } });
  assert.equal(config.a.b, 1);
});

test('what cannot be read or applied is refused', () => {
  assert.throws(() => parseSet('hvg.top'), /cannot read "--set hvg\.top"/);
  assert.throws(() => parseSet('=1'), /cannot read/);
  assert.throws(() => parseSet('a..b=1'), /cannot read/);
  assert.throws(() => set({ a: 1 }, 'a.b=1'), /a is 1, with nothing inside/);
  assert.throws(() => set({ l: [1] }, 'l[2]=1'), /l is a list of 1/);
  assert.throws(() => set({ l: [1] }, 'l.x=1'), /l is a list of 1/);
});

test('a key cannot reach the prototype', () => {
  for (const path of ['__proto__.polluted', 'a.__proto__.polluted', '["__proto__"]'])
    assert.throws(() => set({}, `${path}=1`), /"__proto__" cannot be used as a key/);
  assert.throws(() => set({}, 'a={"b":{"__proto__":{"polluted":1}}}'), /has a key "__proto__"/);
  assert.ok(!('polluted' in {}));
});

test('paths are written as they are read', () => {
  for (const path of [['a'], ['a', 'b-c', 0, 'd'], ['x.y', 'z w'], ['a', '=']]) {
    assert.deepEqual(parsePath(formatPath(path)), path);
  }
  assert.equal(parsePath('a['), undefined);
  assert.equal(parsePath(''), undefined);
});

test('--data takes the place of a simulated dataset, and of the source of a real one', async (t) => {
  const simulated = {
    'pipeline.config.js': 'export default { dataset: { source: "simulated", cells: 9 } };',
  };
  const { config } = await resolved(t, simulated, { data: 'x.h5ad', label: 'type' });
  assert.equal((config.dataset as { source: string }).source, 'x.h5ad');
  assert.equal((config.dataset as { label: string }).label, 'type');

  const real = {
    'pipeline.config.js': 'export default { dataset: { source: "a.h5ad", label: "t", batch: "b" } };',
  };
  const replaced = await resolved(t, real, { data: '/d/x.h5ad', label: 'type' });
  assert.deepEqual(replaced.config.dataset, { source: '/d/x.h5ad', label: 'type', batch: 'b' });

  assert.equal(
    await refusal(t, simulated, { data: '/d/x.h5ad' }),
    '--data /d/x.h5ad  dataset.label is missing\n  expected a string',
  );
});

test('a label or a batch without data is answered with what to type', async (t) => {
  const simulated = { 'pipeline.config.js': 'export default {};' };
  assert.equal(
    await refusal(t, simulated, { label: 'type', batch: 'the donor' }),
    `--label type --batch "the donor": there is no data file with such a column, the dataset is simulated
a data file too, or a config that reads one
type: rankloom run --data atlas.h5ad --label type --batch "the donor", or: make all DATA=atlas.h5ad LABEL=type BATCH="the donor"`,
  );
  const set = ['dataset.source=x.h5ad'];
  const { config } = await resolved(t, simulated, { label: 'type', set });
  assert.deepEqual(config.dataset, { label: 'type', source: 'x.h5ad' });
});

test('each value tells where it comes from', async (t) => {
  const config = 'export default {\n  hvg: { top: 3 },\n  compare: [["a", "b"]],\n};\n';
  const options = { data: '/d/x.h5ad', label: 'type', set: ['subset.cellsPerType=null'] };
  const provenance = await (await resolved(t, { 'pipeline.config.ts': config }, options)).provenance();
  const origin = (...path: (string | number)[]) => {
    const place = provenance.originOf(path);
    return place.from === 'default' ? 'default' : renderPlace(place);
  };
  assert.match(origin('hvg', 'top'), /pipeline\.config\.ts:2:15$/);
  assert.match(origin('compare', 0, 1), /pipeline\.config\.ts:3:19$/);
  assert.equal(origin('hvg', 'flavor'), 'default');
  assert.equal(origin('seed'), 'default');
  assert.equal(origin('subset', 'cellsPerType'), '--set subset.cellsPerType=null');
  assert.equal(origin('dataset', 'source'), '--data /d/x.h5ad');
  assert.equal(origin('dataset', 'label'), '--label type');
});
