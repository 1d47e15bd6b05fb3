/** Plans that are kept and held to, and what they say a run will take. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { textTable } from '../../lib/cli/output/table.ts';
import { Project } from './support.ts';

const CONFIG = { 'pipeline.config.ts': 'export default { numbers: { count: 4 } };\n' };

test('a kept plan is run as it was made, and refused when anything changed', async (t) => {
  const project = new Project(t, 'toy', CONFIG);
  const made = await project.run('plan', 'scale', '-o', 'plan.json', '--set', 'numbers.count=5');
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stdout, /2 to run\.\nNo forecast: all of these run for the first time\.\n$/);
  assert.equal(made.stderr, 'Plan written to plan.json\n');

  const double = await project.run('run', 'total', '--plan', 'plan.json', '--set', 'seed=1');
  assert.equal(double.code, 2);
  assert.match(double.stderr, /--plan says targets, --set already/);

  project.write('pipeline.config.ts', 'export default { numbers: { count: 4 }, seed: 3 };\n');
  const ran = await project.run('run', '--plan', 'plan.json');
  assert.equal(ran.code, 0, 'the seed is of no interest to these stages');
  assert.match(ran.stderr, /Done in .*: 2 computed, 0 reused/);
  assert.ok(!existsSync(join(project.dir, 'artifacts', 'latest', 'total.json')), 'the total was not planned');
  assert.equal(readFileSync(join(project.dir, 'artifacts', 'latest', 'numbers.json'), 'utf8'), '[0,1,2,3,4]');

  project.write('pipeline.config.ts', 'export default { scale: { double: { by: 3 } } };\n');
  const refused = await project.run('run', '--plan', 'plan.json');
  assert.equal(refused.code, 2);
  assert.equal(refused.stdout, '');
  assert.match(refused.stderr, /the plan no longer holds:\n {4}scale\[double\]: by: 2 → 3\n/);

  project.write('pipeline.config.ts', 'export default { scale: { triple: { by: 3 } } };\n');
  assert.match(
    (await project.run('run', '--plan', 'plan.json')).stderr,
    /scale\[double\]: is no longer a target\n {4}scale\[triple\]: is a new target/,
  );
});

test('a plan counts its paths from its own folder, and knows what was in the store', async (t) => {
  const project = new Project(t, 'toy', CONFIG);
  mkdirSync(join(project.dir, 'plans'));
  await project.run('run', '--quiet', '--store', 'kept');
  await project.run('plan', '--store', 'kept', '-o', 'plans/plan.json');
  assert.match((await project.run('run', '--plan', 'plans/plan.json')).stderr, /^Nothing to do/);
  rmSync(join(project.dir, 'kept', 'objects'), { recursive: true, force: true });
  const refused = await project.run('run', '--plan', 'plans/plan.json');
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /numbers: was up to date, and its outputs are no longer in the store/);
});

test('what is no plan is refused', async (t) => {
  const project = new Project(t, 'toy', { ...CONFIG, 'no.json': '{"format":"other"}', 'not.json': 'x' });
  for (const [file, message] of [
    ['no.json', /no\.json is no plan\n {2}expected: what plan -o wrote/],
    ['not.json', /not\.json is no plan: /],
    ['absent.json', /cannot read the plan absent\.json/],
  ] as const) {
    const { code, stderr } = await project.run('run', '--plan', file);
    assert.equal(code, 2);
    assert.match(stderr, message);
  }
  const plan = await project.run('plan', '-o', 'plan.json');
  assert.equal(plan.code, 0);
  const text = readFileSync(join(project.dir, 'plan.json'), 'utf8');
  writeFileSync(join(project.dir, 'plan.json'), text.replace('"version": 1', '"version": 99'));
  assert.match((await project.run('run', '--plan', 'plan.json')).stderr, /a plan of version 99/);
});

test('a plan tells time, memory and bytes from earlier runs, and where nothing is known', async (t) => {
  const project = new Project(t, 'toy', CONFIG);
  await project.run('run', '--quiet', '--set', 'scale.double={"by":2,"waitMs":300}');
  const changed = ['--set', 'scale.double={"by":4,"waitMs":300}', '--set', 'scale.new={"by":1}'];
  const { stdout } = await project.run('plan', '--workers', '1', ...changed);
  assert.match(stdout, /^run {4}scale\[double\] +3\d\d ms {2}by: 2 → 4$/m);
  assert.match(stdout, /^run {4}scale\[new\] +– {2}first time$/m);
  assert.match(
    stdout,
    /\nForecast: at least \d+ ms on 1 worker, [\d.]+ [MG]B of memory, \d+ B of disk, if all/,
  );
  assert.match(stdout, /\nNo forecast for 1 target: the first time\.\n$/);
  const decisions = JSON.parse((await project.run('plan', '--json', ...changed)).stdout);
  const scale = decisions.find((d: { target: string }) => d.target === 'scale[double]');
  assert.ok(scale.forecast.ms >= 300 && scale.forecast.bytes === '[0,2,4,6]'.length, JSON.stringify(scale));
});

test('two studies that share a store are each compared with themselves', async (t) => {
  const project = new Project(t, 'toy', CONFIG);
  project.write('other.config.ts', 'export default { numbers: { count: 9 } };\n');
  await project.run('run', '--quiet');
  await project.run('run', '--quiet', '--config', 'other.config.ts');
  const own = await project.run('why', 'numbers', '--set', 'numbers.count=5');
  assert.match(own.stdout, /\n {2}count: 4 → 5\n$/);
  renameSync(join(project.dir, 'other.config.ts'), join(project.dir, 'third.config.ts'));
  const third = await project.run(
    'why',
    'numbers',
    '--config',
    'third.config.ts',
    '--set',
    'numbers.count=10',
  );
  assert.match(third.stdout, /count: 9 → 10\ncompared with its last run for other\.config\.ts\n$/);
});

test('the last column of a table is cut where the terminal ends', () => {
  const rows = [['run', 'numbers', 'a reason that is far too long for a narrow terminal']];
  assert.equal(textTable({ rows, width: 30 }), 'run  numbers  a reason that i…');
  assert.equal(textTable({ rows }).length, 14 + rows[0][2].length);
});
