import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConfig } from '../../lib/config/resolve.ts';
import { stages as studyStages } from '../../stages/index.ts';
import { refusal } from './support.ts';

test('every problem of a TypeScript config is shown with its place', async (t) => {
  const config = `import { defineConfig } from 'rankloom';

const dims: number = 5;
const encodings = { rank: { kind: 'rank' }, expression: { kind: 'lognrm' } };

export default defineConfig({
  seed: -1.5,
  hgv: { flavor: 'none' },
  subset: { minGenes: 'many', cellsPerType: [1], maxMitoPercent: 120, minGene: dims },
  hvg: { flavor: 'seurat3', top: dims / 2 },
  encodings,
  measures: {
    a: { of: 'ranks', metric: 'spearman' },
    b: { of: 'rank' },
  },
  compare: [['a'], 'x', ['a', 3]],
});
`;
  assert.equal(
    await refusal(t, { 'pipeline.config.ts': config }),
    `pipeline.config.ts:4:65  unknown encodings.expression.kind "lognrm"
  const encodings = { rank: { kind: 'rank' }, expression: { kind: 'lognrm' } };
                                                                  ~~~~~~~~
  known: lognorm, rank   did you mean "lognorm"?

pipeline.config.ts:7:9  seed: expected a whole number, found -1.5
    seed: -1.5,
          ~~~~

pipeline.config.ts:8:3  unknown key "hgv"
    hgv: { flavor: 'none' },
    ~~~
  known keys: name, seed, store, sharedStore, stages, dataset, subset, hvg, encodings, measures, compare   did you mean "hvg"?

pipeline.config.ts:9:23  subset.minGenes: expected a whole number, found "many"
    subset: { minGenes: 'many', cellsPerType: [1], maxMitoPercent: 120, minGene: dims },
                        ~~~~~~

pipeline.config.ts:9:31  subset.cellsPerType: expected a whole number or null, found a list of 1
    subset: { minGenes: 'many', cellsPerType: [1], maxMitoPercent: 120, minGene: dims },
                                ~~~~~~~~~~~~

pipeline.config.ts:9:66  subset.maxMitoPercent: expected at most 100, found 120
    subset: { minGenes: 'many', cellsPerType: [1], maxMitoPercent: 120, minGene: dims },
                                                                   ~~~

pipeline.config.ts:9:71  unknown key "minGene" in subset
    subset: { minGenes: 'many', cellsPerType: [1], maxMitoPercent: 120, minGene: dims },
                                                                        ~~~~~~~
  known keys: minGenes, cellsPerType, maxMitoPercent   did you mean "minGenes"?

pipeline.config.ts:10:18  unknown hvg.flavor "seurat3"
    hvg: { flavor: 'seurat3', top: dims / 2 },
                   ~~~~~~~~~
  known: annotated, none, seurat   did you mean "seurat"?

pipeline.config.ts:10:34  hvg.top: expected a whole number, found 2.5
    hvg: { flavor: 'seurat3', top: dims / 2 },
                                   ~~~~~~~~

pipeline.config.ts:13:14  unknown encoding "ranks"
      a: { of: 'ranks', metric: 'spearman' },
               ~~~~~~~
  known: rank, expression   did you mean "rank"?

pipeline.config.ts:14:5  measures.b.metric is missing
      b: { of: 'rank' },
      ~
  expected "spearman" or "euclidean"

pipeline.config.ts:16:13  compare[0]: expected a list of 2, found 1
    compare: [['a'], 'x', ['a', 3]],
              ~~~~~

pipeline.config.ts:16:20  compare[1]: expected a list of 2, found "x"
    compare: [['a'], 'x', ['a', 3]],
                     ~~~

pipeline.config.ts:16:31  compare[2][1]: expected a string, found 3
    compare: [['a'], 'x', ['a', 3]],
                                ~`,
  );
});

test('YAML and JSON are placed as well', async (t) => {
  const yaml = 'hvg:\n  top: 1.5\n  flavor: x\nencodings:\n  a b: {kind: rank}\n';
  assert.equal(
    await refusal(t, { 'pipeline.config.yaml': yaml }),
    `pipeline.config.yaml:2:8  hvg.top: expected a whole number, found 1.5
    top: 1.5
         ~~~

pipeline.config.yaml:3:11  unknown hvg.flavor "x"
    flavor: x
            ~
  known: annotated, none, seurat

pipeline.config.yaml:5:3  the name "a b" cannot be used: a letter, then letters, digits, - or _
    a b: {kind: rank}
    ~~~`,
  );
  assert.equal(
    await refusal(t, { 'pipeline.config.json': '{\n\t"hvg": {"top": "x"}\n}\n' }),
    'pipeline.config.json:2:17  hvg.top: expected a whole number, found "x"\n' +
      '  \t"hvg": {"top": "x"}\n' +
      '  \t               ~~~',
  );
});

test('a problem with a value of the command line names the option', async (t) => {
  const set = ['hvg.top=abc', 'encodings.q.kind=rnk', 'subset.x=1', 'measures.m.of=rank'];
  assert.equal(
    await refusal(t, { 'pipeline.config.ts': 'export default {};' }, { set }),
    `--set encodings.q.kind=rnk  unknown encodings.q.kind "rnk"
  known: lognorm, rank   did you mean "rank"?

--set hvg.top=abc  hvg.top: expected a whole number, found "abc"

--set measures.m.of=rank  measures.m.metric is missing
  expected "spearman" or "euclidean"

--set measures.m.of=rank  unknown encoding "rank"
  known: q

--set subset.x=1  unknown key "x" in subset
  known keys: minGenes, cellsPerType, maxMitoPercent`,
  );
});

test('of a union, only the errors of the branch that was meant are shown', async (t) => {
  const report = async (dataset: string) =>
    refusal(t, { 'pipeline.config.mjs': `export default { dataset: ${dataset} };` });
  assert.match(
    await report(`{ source: 'a.h5ad' }`),
    /:18 {2}dataset\.label is missing\n.*\n.*\n {2}expected a string$/,
  );
  assert.match(
    await report(`{ source: 'simulated', cells: 0 }`),
    /dataset\.cells: expected at least 1, found 0/,
  );
  assert.match(
    await report(`{ source: 'a.h5ad', label: 'x', bach: 'y' }`),
    /unknown key "bach" in dataset[\s\S]*did you mean "batch"/,
  );
  assert.match(await report(`{ cells: 3 }`), /dataset\.source is missing/);
  assert.match(await report(`'a.h5ad'`), /dataset: expected an object, found "a\.h5ad"/);
});

test('a place that cannot be found is shown by the nearest key around it', async (t) => {
  const config = `const make = () => ({ kind: 'no' });\nexport default {\n  encodings: { a: make(), ...{ b: { kind: 'x' } } },\n};\n`;
  assert.equal(
    await refusal(t, { 'pipeline.config.js': config }),
    `pipeline.config.js:3:16  unknown encodings.a.kind "no"
    encodings: { a: make(), ...{ b: { kind: 'x' } } },
                 ~
  known: lognorm, rank

pipeline.config.js:3:43  unknown encodings.b.kind "x"
    encodings: { a: make(), ...{ b: { kind: 'x' } } },
                                            ~~~
  known: lognorm, rank`,
  );
  assert.equal(
    await refusal(t, {
      'pipeline.config.js': 'const part = Object.assign({ hgv: 1 });\nexport default { ...part };\n',
    }),
    `pipeline.config.js  unknown key "hgv"
  known keys: name, seed, store, sharedStore, stages, dataset, subset, hvg, encodings, measures, compare   did you mean "hvg"?`,
  );
});

test('a long line is cut to what is around the place', async (t) => {
  const config = JSON.stringify({
    measures: Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [`m${i}`, { of: i === 20 ? 'no' : 'e', metric: 'spearman' }]),
    ),
    encodings: { e: { kind: 'rank' } },
  });
  assert.equal(
    await refusal(t, { 'pipeline.config.json': config }),
    `pipeline.config.json:1:756  unknown encoding "no"
  …tric":"spearman"},"m20":{"of":"no","metric":"spearman"},"m21":{"of":"e","metric":"spearman"},"m22":{…
                                 ~~~~
  known: e`,
  );
});

test('a config that is not an object is refused', async (t) => {
  assert.match(
    await refusal(t, { 'pipeline.config.yaml': '- a\n' }),
    /the config: expected an object, found a list of 1/,
  );
  assert.match(
    await refusal(t, { 'pipeline.config.ts': 'export default () => 3' }),
    /the default export of pipeline\.config\.ts is a function, not an object/,
  );
});

test('a problem in a part that stands at its default says so', () => {
  const { problems } = checkConfig(studyStages, { encodings: { bins: { kind: 'rank' } } });
  assert.ok(problems.length > 0);
  for (const { message } of problems) assert.match(message, /\("\w+" is at its default: set it too\)$/);
  const own = checkConfig(studyStages, {
    measures: { m: { of: 'nothing', metric: 'spearman' } },
    joint: [],
  });
  assert.deepEqual(
    own.problems.map((p) => p.message),
    ['unknown encoding or embedding "nothing"'],
  );
});
