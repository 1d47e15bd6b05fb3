/** What runs leave on record: listed, shown, compared and exported. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Columns, diffTables } from '../../lib/cli/output/table-diff.ts';
import { Project } from './support.ts';

const CONFIG = { 'pipeline.config.ts': 'export default { numbers: { count: 4 } };\n' };

test('runs are listed, found by the beginning of their ids, and compared', async (t) => {
  const project = new Project(t, 'toy', CONFIG);
  assert.match((await project.run('runs')).stderr, /there is no store/);
  await project.run('run', '--quiet');
  await project.run('run', '--quiet', '--set', 'scale.double.by=3', '--set', 'scale.more.by=1');
  await project.run('run', '--quiet', '--set', 'numbers.trouble=data');
  const list = JSON.parse((await project.run('runs', '--json')).stdout);
  assert.deepEqual(
    list.map((r: { outcome: string; ran: number; cached: number; isLatest: boolean }) => [
      r.outcome,
      r.ran,
      r.cached,
      r.isLatest,
    ]),
    [
      ['failed', 0, 0, false],
      ['done', 3, 1, true],
      ['done', 3, 0, false],
    ],
  );
  const [failed, latest, first] = list.map(({ run }: { run: string }) => run);
  const text = (await project.run('runs')).stdout;
  assert.match(text, /^run +when +outcome +ran +took\n\w{6} {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}failed /);
  assert.ok(
    text.split('\n').every((line) => line.length <= 80),
    text,
  );

  assert.match(
    (await project.run('runs', 'show', failed)).stdout,
    /failed {2}numbers: the numbers cannot be used/,
  );
  const shown = await project.run('runs', 'show', latest.slice(-6));
  assert.match(
    shown.stdout,
    /^run {6}\S+ {2}\(latest\)\n[\s\S]*\nreused {4}numbers +\d+ B\ncomputed {2}scale\[double\]/,
  );
  const both = await project.run('runs', 'show', '2');
  assert.equal(both.code, 2);
  assert.match(both.stderr, /means 3 runs/);
  assert.match((await project.run('runs', 'show', 'x')).stderr, /no run "x"/);

  const diff = await project.run('runs', 'diff', first, 'latest', '--store', 'artifacts');
  assert.equal(
    diff.stdout,
    `${first.slice(-6)} → ${latest.slice(-6)}
config
  scale.double.by: 2 → 3
  scale.more: (absent) → {"by":1,"waitMs":0}

targets
  added    scale[more]

outputs
  changed  scaled/double.json
  added    scaled/more.json
  changed  total.json
  1 the same
`,
  );
  assert.match((await project.run('runs', 'diff', 'latest', 'latest')).stdout, /\nNothing differs\.\n$/);
});

/** Two types, one measure: the least that has all tables of a study. */
const STUDY = `export default {
  dataset: { source: 'simulated', cells: 200, genes: 200, types: 2 },
  subset: { cellsPerType: 30, minCellsPerType: 20, minGenes: 5 },
  encodings: { rank: { kind: 'rank' } },
  embeddings: {},
  measures: { 'rank-spearman': { of: 'rank', metric: 'spearman' } },
  joint: [],
};
`;

test('of two runs of a study the values of its tables are told that differ', async (t) => {
  const project = new Project(t, 'study', { 'pipeline.config.ts': STUDY });
  const run = async (...set: string[]) => {
    const { code, stderr } = await project.run('run', 'summarize', '--quiet', ...set);
    assert.equal(code, 0, stderr);
  };
  await run();
  await run('--set', 'subset.cellsPerType=29');
  const [, first] = JSON.parse((await project.run('runs', '--json')).stdout);

  const { stdout } = await project.run('runs', 'diff', first.run, 'latest');
  const sections = stdout.split('\n\n').map((text) => text.split('\n')[0]);
  assert.deepEqual(
    sections.slice(1),
    ['outputs', 'numbers'],
    'the program, its code and its files are the same',
  );
  assert.match(stdout, /^\w{6} → \w{6}\nconfig\n {2}subset\.cellsPerType: 30 → 29\n\noutputs\n/);
  const lines = [
    /changed {2}separation\.parquet/,
    /\d+ the same/,
    /cell_types\.parquet: 2 values differ, by up to 3\.3 %\n {4}label=A1: cells_sampled 30 → 29\n {4}label=A2: .*/,
    /separation\.parquet: \d values differ, by up to [\d.]+ %/,
    / {2}measure=rank-spearman: n_within 870 → 812/,
    / {2}measure=rank-spearman: auroc 0\.\d{1,4} → 0\.\d{1,4}/, // digits enough to differ
    / {2}relation=same_label, batch_relation=any, row 1: pairs \d+ → \d+/, // cut-offs are no names
    / {2}type_a=A1, type_b=A2: n_pairs 900 → 841/, // the one measure is left out
    / {2}\d+ more values: --full shows all/,
  ];
  for (const line of lines) assert.match(stdout, new RegExp(`\\n {2}${line.source}\\n`));

  const coarse = await project.run('runs', 'diff', first.run, 'latest', '--tolerance', '0.5');
  assert.match(coarse.stdout, /\n {2}separation\.parquet: no value differs by more than the tolerance\n/);
  const full = await project.run('runs', 'diff', first.run, 'latest', '--full');
  assert.doesNotMatch(full.stdout, /--full/);
  assert.match(full.stdout, /\n {4}measure=rank-spearman: auroc 0\.\d{5,}/);

  const json = JSON.parse((await project.run('runs', 'diff', first.run, 'latest', '--json')).stdout);
  assert.deepEqual(json.config, [{ kind: 'param', path: 'subset.cellsPerType', old: 30, new: 29 }]);
  const { difference } = json.numbers.find(({ name }: { name: string }) => name === 'cell_types.parquet');
  assert.deepEqual(difference, {
    keys: ['label'],
    addedColumns: [],
    removedColumns: [],
    addedRows: 0,
    removedRows: 0,
    differing: 2,
    largest: 1 / 30,
    shown: [
      { row: 'label=A1', column: 'cells_sampled', old: 30, new: 29 },
      { row: 'label=A2', column: 'cells_sampled', old: 30, new: 29 },
    ],
  });
});

test('a run that left no record is told as unfinished', async (t) => {
  const project = new Project(t, 'toy', CONFIG);
  await project.run('run', '--quiet');
  mkdirSync(join(project.dir, 'artifacts', 'runs', '2020-01-02T03-04-05-678Z-abcdef'));
  assert.match((await project.run('runs')).stdout, /\nabcdef {2}2020-01-0\d \d\d:\d\d {2}unfinished\n$/);
  const refused = await project.run('runs', 'diff', 'abcdef', 'latest');
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /run abcdef has left no record/);
});

test('a run is exported as an RO-Crate whose parts are there and fit together', async (t) => {
  const project = new Project(t, 'toy', CONFIG);
  await project.run('run', '--quiet');
  const { code, stderr } = await project.run('runs', 'export', 'latest', 'crate', '--ro-crate');
  assert.equal(code, 0, stderr);
  const folder = join(project.dir, 'crate');
  const crate = JSON.parse(readFileSync(join(folder, 'ro-crate-metadata.json'), 'utf8'));
  assert.deepEqual(crate['@context'], [
    'https://w3id.org/ro/crate/1.1/context',
    'https://w3id.org/ro/terms/workflow-run/context',
  ]);
  type Entity = { '@id': string; '@type': string | string[]; [key: string]: unknown };
  const graph: Entity[] = crate['@graph'];
  const byId = new Map(graph.map((entity) => [entity['@id'], entity]));
  assert.equal(byId.size, graph.length, 'no id stands twice');

  const external = /^https:\/\/(w3id\.org\/ro\/crate\/1\.1|bioschemas\.org\/.*)$/;
  for (const entity of graph) {
    for (const value of Object.values(entity).flat()) {
      const id = (value as { '@id'?: string } | null)?.['@id'];
      if (id !== undefined && !external.test(id)) assert.ok(byId.has(id), `${entity['@id']} refers to ${id}`);
    }
  }
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
  const described = graph.filter((e) => [e['@type']].flat().includes('File')).map((e) => e['@id']);
  const found = files.map((f) => join(f.parentPath, f.name).slice(folder.length + 1));
  assert.deepEqual(
    described.toSorted(),
    found.filter((name) => name !== 'ro-crate-metadata.json').toSorted(),
  );
  for (const { '@id': id, sha256 } of graph.filter((e) => e['@type'] === 'File' && e.sha256 !== undefined)) {
    assert.equal(
      createHash('sha256')
        .update(readFileSync(join(folder, id)))
        .digest('hex'),
      sha256,
    );
  }
  const main = byId.get('pipeline.config.json')!;
  assert.deepEqual(main['@type'], ['File', 'SoftwareSourceCode', 'ComputationalWorkflow']);
  const action = graph.find((e) => e['@type'] === 'CreateAction')!;
  assert.deepEqual(action.instrument, { '@id': 'pipeline.config.json' });
  assert.match(String(action.startTime), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
  assert.deepEqual((action.result as Entity[]).map((r) => r['@id']).toSorted(), [
    'numbers.json',
    'scaled/double.json',
    'total.json',
  ]);
  const count = graph.find((e) => e['@type'] === 'PropertyValue' && e.name === 'numbers.count')!;
  assert.equal(count.value, 4);

  const again = await project.run('run', '--config', 'crate/pipeline.config.json', '--store', 'artifacts');
  assert.match(again.stderr, /^Nothing to do/, 'the workflow of the crate is the config of the run');
  assert.match((await project.run('runs', 'export', 'latest', 'crate')).stderr, /crate is not empty/);
  const objects = join(project.dir, 'artifacts', 'objects');
  for (const shard of readdirSync(objects)) rmSync(join(objects, shard), { recursive: true, force: true });
  assert.match((await project.run('runs', 'export', 'latest', 'other')).stderr, /no longer in the store/);
});

const table = (values: Record<string, Columns['values'][string]>): Columns => ({
  names: Object.keys(values),
  values,
  rows: Object.values(values)[0]?.length ?? 0,
});
const exact = { tolerance: 0, limit: 10 };

test('cells of tables are compared by the columns that tell their rows apart', () => {
  const old = table({
    type: ['a', 'a', 'b'],
    within: [true, false, true],
    n: [1, 1, 2],
    median: [0.5, 2, null],
  });
  const now = table({
    type: ['b', 'a', 'a'],
    within: [true, true, false],
    n: [2, 1, 3],
    median: [1, 0.5, 2.002],
  });
  const diff = diffTables(old, now, exact);
  assert.deepEqual(diff.keys, ['type', 'within']);
  assert.deepEqual(diff.shown, [
    { row: 'type=a, within=false', column: 'n', old: 1, new: 3 },
    { row: 'type=a, within=false', column: 'median', old: 2, new: 2.002 },
    { row: 'type=b, within=true', column: 'median', old: null, new: 1 },
  ]);
  const coarse = diffTables(old, now, { tolerance: 0.001, limit: 1 });
  assert.equal(coarse.differing, 2, 'a value that is missing differs from any number');
  assert.equal(coarse.shown.length, 1);
  assert.equal(coarse.largest, 2 / 3);
});

test('rows without names of their own go by their place among those that are named alike', () => {
  const bins = (scope: string[], start: number[], cells: number[]) => table({ scope, start, cells });
  const diff = diffTables(
    bins(['all', 'all', 'own'], [0, 0.5, 0.25], [1, 1, 1]),
    bins(['own', 'all', 'all', 'all'], [0.25, 0, 0.5, 1], [1, 1, 2, 2]),
    exact,
  );
  assert.deepEqual(diff.shown, [{ row: 'scope=all, row 2', column: 'cells', old: 1, new: 2 }]);
  assert.equal(diff.addedRows, 1);
});

test('a name that all rows have is left out, unless it tells the tables apart; so is null', () => {
  const pairs = (y: string, k: (number | null)[]) =>
    table({
      x: ['a', 'a', 'a'],
      y: [y, y, y],
      scope: ['cells', 'cells', 'types'],
      k,
      value: [0.5, 1.5, k[0]],
    });
  const same = diffTables(pairs('b', [null, 5, 5]), pairs('b', [null, 5, 5]), exact);
  assert.deepEqual([same.keys, same.differing], [['scope', 'k'], 0]);
  const now = { ...pairs('b', [null, 5, 5]) };
  const changed = diffTables(now, { ...now, values: { ...now.values, value: [0.25, 1.5, null] } }, exact);
  assert.deepEqual(changed.shown, [{ row: 'scope=cells', column: 'value', old: 0.5, new: 0.25 }]);
  const other = diffTables(now, pairs('c', [null, 5, 5]), exact);
  assert.deepEqual([other.keys, other.addedRows, other.removedRows], [['y', 'scope', 'k'], 3, 3]);
});

test('rows and columns that came or went are counted; tables without keys go by the row', () => {
  const diff = diffTables(
    table({ id: ['a', 'b'], x: [1, 2] }),
    table({ id: ['b', 'c', 'd'], y: [2, 3, 4] }),
    exact,
  );
  assert.deepEqual([diff.addedRows, diff.removedRows, diff.differing], [2, 1, 0]);
  assert.deepEqual([diff.addedColumns, diff.removedColumns], [['y'], ['x']]);
  const plain = diffTables(table({ x: [0.5, 0.5] }), table({ x: [0.5, 0.25] }), exact);
  assert.deepEqual([plain.keys, plain.shown], [[], [{ row: 'row 2', column: 'x', old: 0.5, new: 0.25 }]]);
  const numbers = diffTables(
    table({ k: [10, 30], x: [0.5, 1] }),
    table({ k: [10, 30], x: [0.5, Number.NaN] }),
    exact,
  );
  assert.deepEqual([numbers.keys, numbers.differing], [['k'], 1]);
  assert.equal(diffTables(table({ x: [] }), table({ x: [] }), exact).differing, 0);
});
