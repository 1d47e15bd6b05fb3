/** The command of the study itself, as far as it goes without running it. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { summarizeStudy } from '../../lib/cli/output/study-summary.ts';
import { writeParquet } from '../../lib/data/kinds/parquet.ts';
import { separationTable } from '../../lib/data/results/tables.ts';
import { Project } from './support.ts';

const pbmc3k = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'pbmc3k.h5ad');

test('init writes a config that works as it is, and overwrites none', async (t) => {
  const project = new Project(t, 'study');
  const { code, stderr } = await project.run('init');
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /^Wrote pipeline\.config\.ts\. Edit it to change the study; run it with: rankloom run\n$/,
  );
  const plan = await project.run('plan');
  assert.equal(plan.code, 0, plan.stderr);
  assert.match(plan.stdout, /^run {2}load/);
  const again = await project.run('init');
  assert.equal(again.code, 2);
  assert.match(again.stderr, /pipeline\.config\.ts exists already/);
  assert.match((await project.run('init', 'a.yaml')).stderr, /cannot write a\.yaml/);
});

test('init --from writes a config that fits the file', {
  skip: existsSync(pbmc3k) ? false : 'no shared data',
}, async (t) => {
  const project = new Project(t, 'study');
  const { code, stderr } = await project.run(
    'init',
    'pbmc.config.ts',
    '--from',
    pbmc3k,
    '--label',
    'cell_type',
  );
  assert.equal(code, 0, stderr);
  assert.match(stderr, /rankloom run --config pbmc\.config\.ts/);
  assert.match(readFileSync(join(project.dir, 'pbmc.config.ts'), 'utf8'), /label: 'cell_type'/);
  const config = await project.run('config', '--config', 'pbmc.config.ts', '--json');
  assert.equal(config.code, 0, config.stderr);
  assert.equal(JSON.parse(config.stdout).config.dataset.label, 'cell_type');
  const wrong = await project.run('init', 'x.config.ts', '--from', pbmc3k, '--label', 'cell_typ');
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /obs has no column "cell_typ"[\s\S]*cell_type/);
});

test('a wrong name in the config is answered with the right one', async (t) => {
  const project = new Project(t, 'study');
  await project.run('init');
  const set = [
    '--set',
    'encodings.rank.kind=ranks',
    '--set',
    'measures.rank-spearman.of=expresion',
    '--set',
    'joint[0][0]=expresion-umap',
  ];
  const { code, stderr } = await project.run('plan', ...set);
  assert.equal(code, 2);
  assert.match(stderr, /unknown encodings\.rank\.kind "ranks"[\s\S]*did you mean "rank"\?/);
  assert.match(stderr, /"expresion"\n.*did you mean "expression"\?/);
  assert.match(stderr, /"expresion-umap"\n.*did you mean "expression-umap"\?/);
  assert.match(stderr, /3 problems in the config/);
});

test('the summary shows the separation of each measure and where the report lies', async (t) => {
  const { dir } = new Project(t, 'study');
  await writeParquet(join(dir, 'separation.parquet'), separationTable, {
    measure: ['near', 'odd'],
    n_within: Float64Array.of(1000, 0),
    n_between: Float64Array.of(1234567, 10),
    median_within: Float64Array.of(0.5, Number.NaN),
    median_between: Float64Array.of(0.25, 1),
    auroc: Float64Array.of(0.98765, Number.NaN),
    cliffs_delta: Float64Array.of(0.9753, Number.NaN),
    iqr_within: Float64Array.of(0, Number.NaN),
    iqr_between: Float64Array.of(0, 0),
  });
  const options = { folder: dir, shown: (path: string) => path.replace(`${dir}/`, '') };
  const both = await summarizeStudy({ ...options, outputs: new Set(['separation.parquet', 'report.html']) });
  assert.equal(
    both?.text,
    `measure  median within  median between   AUROC  Cliff's delta      pairs
near            0.5000          0.2500  0.9877         0.9753  1,235,567
odd                  –          1.0000       –              –         10

Report: report.html`,
  );
  assert.equal(await summarizeStudy({ ...options, outputs: new Set(['cells.arrow']) }), undefined);
});

test('the summary fits the terminal, whatever its width', async (t) => {
  const { dir } = new Project(t, 'study');
  await writeParquet(join(dir, 'separation.parquet'), separationTable, {
    measure: ['expression-umap', 'rank-spearman'],
    n_within: Float64Array.of(1000, 0),
    n_between: Float64Array.of(12_496_500, 10),
    median_within: Float64Array.of(0.5936, Number.NaN),
    median_between: Float64Array.of(8.6422, 1),
    auroc: Float64Array.of(0.98765, Number.NaN),
    cliffs_delta: Float64Array.of(-0.9753, Number.NaN),
    iqr_within: Float64Array.of(0, Number.NaN),
    iqr_between: Float64Array.of(0, 0),
  });
  const at = async (width?: number) => {
    const outputs = new Set(['separation.parquet']);
    return (await summarizeStudy({ folder: dir, shown: (path) => path, outputs, width }))!.text;
  };
  const wide = `measure          median within  median between   AUROC  Cliff's delta       pairs
expression-umap         0.5936          8.6422  0.9877        -0.9753  12,497,500
rank-spearman                –          1.0000       –              –          10`;
  assert.equal(await at(undefined), wide, 'in a pipe');
  assert.equal(await at(120), wide);
  assert.equal(
    await at(80),
    `                 median   median          Cliff's
measure          within  between   AUROC    delta       pairs
expression-umap  0.5936   8.6422  0.9877  -0.9753  12,497,500
rank-spearman         –   1.0000       –        –          10`,
  );
  const blocks = `measure: expression-umap
  median within       0.5936
  median between      8.6422
  AUROC               0.9877
  Cliff's delta      -0.9753
  pairs           12,497,500
measure: rank-spearman
  median within        –
  median between  1.0000
  AUROC                –
  Cliff's delta        –
  pairs               10`;
  assert.equal(await at(60), blocks);
  assert.equal(await at(40), blocks);
  assert.match(await at(20), /^measure: expression…\n/, 'a name that is too long is cut');
});

test('the summary repeats what one should know about layouts and neighbours', async (t) => {
  const { dir } = new Project(t, 'study');
  mkdirSync(join(dir, 'embeddings'));
  mkdirSync(join(dir, 'neighbors'));
  writeFileSync(join(dir, 'embeddings/map.notes.json'), '["started anywhere"]');
  writeFileSync(join(dir, 'neighbors/x-cosine-15.recall.json'), '{"cells":500,"mean":0.9876,"worst":0.5}');
  const outputs = new Set(['neighbors/x-cosine-15.recall.json', 'embeddings/map.notes.json']);
  const told = await summarizeStudy({ folder: dir, shown: (path) => path, outputs });
  assert.equal(
    told?.text,
    `Note: map: started anywhere
Note: x-cosine-15: neighbours were found by descent, 98.8 % of the exact ones, by 500 cells`,
  );
});

test('the threads of a run take compiled code from where the command keeps it', async (t) => {
  const project = new Project(t, 'study', {
    'pipeline.config.json': JSON.stringify({
      dataset: { source: 'simulated', cells: 100, genes: 100, types: 2 },
    }),
  });
  const args = ['run', 'load', '--force', 'load'];
  const first = await project.run(...args);
  assert.equal(first.code, 0, first.stderr);
  // Node's own account of its cache, by file.
  process.env.NODE_DEBUG_NATIVE = 'COMPILE_CACHE';
  t.after(() => delete process.env.NODE_DEBUG_NATIVE);
  const { stderr } = await project.run(...args);
  const ofThreads = stderr.split('\n').filter((line) => line.includes('/lib/flow/workers/thread-worker.ts'));
  assert.ok(
    ofThreads.some((line) => / cache for .* was accepted/.test(line)),
    ofThreads.join('\n'),
  );
});
