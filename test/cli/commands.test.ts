/** What the commands print and exit with, on three toy stages. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Project } from './support.ts';

const CONFIG = { 'pipeline.config.ts': 'export default { numbers: { count: 4 } };\n' };

test('help lists the commands; help of a command has its options and examples', async (t) => {
  const project = new Project(t, 'toy');
  for (const args of [[], ['--help'], ['help']]) {
    const { code, stdout, stderr } = await project.run(...args);
    assert.equal(code, 0);
    assert.equal(stderr, '');
    for (const command of [
      'run',
      'plan',
      'status',
      'why',
      'graph',
      'show',
      'export',
      'inspect',
      'init',
      'config',
    ]) {
      assert.match(stdout, new RegExp(`^  ${command} `, 'm'));
    }
  }
  const { stdout } = await project.run('help', 'run');
  assert.match(stdout, /--keep-going/);
  assert.match(stdout, /Examples:\n {2}toy run /);
  assert.equal((await project.run('--version')).stdout, '1.2.3\n');
});

test('a wrong command, option, target or value is refused with the nearest right one', async (t) => {
  const project = new Project(t, 'toy', CONFIG);
  const refusals: [string[], RegExp][] = [
    [['rnu'], /unknown command 'rnu'\n\(Did you mean run\?\)/],
    [['run', '--worker', '2'], /unknown option '--worker'\n\(Did you mean --workers\?\)/],
    [
      ['run', 'scal'],
      /unknown target "scal"\n {2}expected: one of numbers, scale, total\n {2}hint: did you mean "scale"\?/,
    ],
    [['run', '--force', 'totl'], /unknown target "totl"[\s\S]*did you mean "total"\?/],
    [['why'], /missing required argument 'targets'/],
    [['run', '--workers', '0'], /--workers 0\n {2}expected: a whole number from 1/],
    [['run', '--memory', 'lots'], /--memory lots\n {2}expected: an amount of memory/],
    [['graph', '--format', 'svg'], /Allowed choices are mermaid, dot/],
    [['run', '--set', 'numbers'], /cannot read "--set numbers"/],
    [['run', '--config', 'no.ts'], /no config file no\.ts/],
    [['show', 'total'], /there are no outputs of the study "pipeline" yet/],
  ];
  for (const [args, message] of refusals) {
    const { code, stdout, stderr } = await project.run(...args);
    assert.equal(code, 2, `${args.join(' ')}: ${stderr}`);
    assert.equal(stdout, '');
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n {4}at /);
  }
  assert.ok(!existsSync(join(project.dir, 'artifacts')));
});

test('a config with problems is refused with all of them', async (t) => {
  const project = new Project(t, 'toy', {
    'pipeline.config.ts': 'export default {\n  numbers: { cont: 4 },\n  scale: { a: { by: "two" } },\n};\n',
  });
  const { code, stderr, stdout } = await project.run('plan');
  assert.equal(code, 2);
  assert.equal(stdout, '');
  assert.equal(
    stderr,
    `pipeline.config.ts:2:14  unknown key "cont" in numbers
    numbers: { cont: 4 },
               ~~~~
  known keys: count, trouble   did you mean "count"?

pipeline.config.ts:3:21  scale.a.by: expected a number, found "two"
    scale: { a: { by: "two" } },
                      ~~~~~

error: 2 problems in the config
  where: pipeline.config.ts
`,
  );
  const json = JSON.parse((await project.run('plan', '--json')).stdout);
  assert.equal(json.type, 'error');
  assert.deepEqual(json.error.problems[0].path, ['numbers', 'cont']);
  assert.equal(json.error.problems[0].place.line, 2);
});

test('run, plan, status and why agree about what is to be done', async (t) => {
  const project = new Project(t, 'toy', CONFIG);
  const plan = await project.run('plan');
  assert.match(plan.stdout, /^run {2}numbers {8}first time\nrun {2}scale\[double\]/);
  assert.ok(!existsSync(join(project.dir, 'artifacts')), 'plan writes nothing');

  const first = await project.run('run');
  assert.equal(first.code, 0);
  assert.equal(first.stdout, '\nThe total is 12.\n');
  assert.match(first.stderr, /^▶ numbers {2}first time\n✓ numbers/);
  assert.match(first.stderr, /Done in .*: 3 computed, 0 reused\.\n$/);

  const second = await project.run('run');
  assert.equal(second.stderr, 'Nothing to do: 3 targets up to date.\n');
  assert.equal(second.stdout, '\nThe total is 12.\n');
  assert.match((await project.run('plan')).stdout, /^Nothing to do/);
  assert.match(
    (await project.run('status')).stdout,
    /^fresh {2}numbers\nfresh {2}scale\[double\]\nfresh {2}total\n/,
  );

  const changed = ['--set', 'numbers.count=5'];
  const planned = ['plan', '--workers', '2', ...changed];
  assert.equal(
    (await project.run(...planned)).stdout.replace(/ +[\d.]+ m?s(?= )/g, '').replace(/[\d.]+ \w?B/g, 'N B'),
    `run    numbers  count: 4 → 5
maybe  scale[double]  depends on the output of numbers
maybe  total  depends on the output of numbers

3 targets: 1 to run, 2 to be decided when their inputs are known.
Forecast: on 2 workers, N B of memory, N B of disk, if all of them run.
`,
  );
  assert.equal(
    (await project.run('why', 'total', ...changed)).stdout,
    `total is unknown: if what it depends on comes out as before, it is reused
  depends on the output of numbers
root cause: numbers
  count: 4 → 5
`,
  );
  assert.deepEqual(
    (await project.run('run', '--dry-run', ...changed)).stdout,
    (await project.run('plan', ...changed)).stdout,
  );
  assert.equal(
    (await project.run('why', 'numbers')).stdout,
    'numbers is fresh: its outputs are up to date\n',
  );
  assert.match(
    (await project.run('plan', '--force', 'total')).stdout,
    /^run {2}total +[\d.]+ m?s {2}forced\n/,
  );

  const selected = await project.run('run', 'scale', ...changed);
  assert.equal(selected.stdout, '', 'the summary needs the total, which was not asked for');
});

test('--json prints one event a line, then the summary', async (t) => {
  const project = new Project(t, 'toy', CONFIG);
  const { stdout, stderr } = await project.run('run', '--json');
  assert.equal(stderr, '');
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(events[0].type, 'run-started');
  assert.equal(events.at(-2).type, 'run-finished');
  assert.deepEqual(events.at(-1), { type: 'summary', total: 12 });
  const decisions = JSON.parse((await project.run('status', '--json')).stdout);
  assert.deepEqual(
    decisions.map((d: { state: string }) => d.state),
    ['fresh', 'fresh', 'fresh'],
  );
});

test('--quiet says nothing when all is well, and still says what failed', async (t) => {
  const project = new Project(t, 'toy', CONFIG);
  assert.deepEqual(await project.run('run', '--quiet'), { code: 0, stdout: '', stderr: '' });
  const failed = await project.run('run', '--quiet', '--set', 'numbers.trouble=data');
  assert.equal(failed.code, 2);
  assert.match(failed.stderr, /^error: the numbers cannot be used\n/);
});

test('data that cannot be used end in 2, code that fails in 1 with its place, without a stack trace unless asked for', async (t) => {
  const project = new Project(t, 'toy', CONFIG);
  const data = await project.run('run', '--set', 'numbers.trouble=data');
  assert.equal(data.code, 2);
  assert.equal(data.stdout, '');
  assert.match(
    data.stderr,
    /✗ numbers failed\nerror: the numbers cannot be used\n {2}expected: others\n {2}where: a place\n {2}hint: do this\n {4}or that\nFailed in .*: 0 computed, 0 reused, 1 failed, 2 blocked\.\n$/,
  );
  assert.ok(!existsSync(join(project.dir, 'artifacts', 'latest')));
  const bug = await project.run('run', '--set', 'numbers.trouble=bug');
  assert.equal(bug.code, 1);
  assert.match(
    bug.stderr,
    /error: TypeError: this was not foreseen\n {2}where: .*numbers\.ts:20:\d+\n {2}hint: /,
  );
  assert.doesNotMatch(bug.stderr, /a bug in rankloom/);
  assert.doesNotMatch(bug.stderr, /\n {4}at /);
  const debug = await project.run('run', '--debug', '--set', 'numbers.trouble=bug');
  assert.match(debug.stderr, /TypeError: this was not foreseen\n {4}at /);
});

test('graph speaks Mermaid and Graphviz', async (t) => {
  const project = new Project(t, 'toy', CONFIG);
  assert.equal(
    (await project.run('graph')).stdout,
    `flowchart LR
  t0["numbers"]:::stale
  t1["scale[double]"]:::unknown
  t2["total"]:::unknown
  t0 --> t1
  t1 --> t2
  classDef stale fill:#fee8c8,stroke:#e08214,color:#000
  classDef unknown fill:#e0ecf4,stroke:#4393c3,color:#000
`,
  );
  const { stdout } = await project.run('graph', 'scale', '--format', 'dot');
  assert.match(stdout, /^digraph pipeline \{\n[\s\S]*"numbers" -> "scale\[double\]";\n\}\n$/);
  assert.doesNotMatch(stdout, /total/);
});

test('outputs are shown by name, by stem and by target.slot, and exported under their names', async (t) => {
  const project = new Project(t, 'toy', CONFIG);
  await project.run('run', '--quiet');
  for (const name of ['scaled/double.json', 'scaled/double', 'scale[double].list']) {
    assert.equal((await project.run('show', name)).stdout, '[0,2,4,6]\n');
  }
  const unknown = await project.run('show', 'totl');
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /unknown output "totl"[\s\S]*did you mean "total"\?/);

  const copied = await project.run('export', 'out', 'total', 'scaled/double');
  assert.equal(copied.code, 0, copied.stderr);
  assert.equal(readFileSync(join(project.dir, 'out', 'total.json'), 'utf8'), '12');
  assert.match((await project.run('export', 'out')).stderr, /^Copied 2 files .*; 2 files there already\.\n$/);
  writeFileSync(join(project.dir, 'out', 'total.json'), '13');
  const refused = await project.run('export', 'out');
  assert.equal(refused.code, 2);
  assert.match(
    refused.stderr,
    /1 file in out would be replaced\n {2}where: out\/total\.json\n {2}hint: .*--overwrite/,
  );
  assert.equal((await project.run('export', 'out', '--overwrite')).code, 0);
  assert.equal(readFileSync(join(project.dir, 'out', 'total.json'), 'utf8'), '12');
});

test('config prints every value and where it comes from', async (t) => {
  const project = new Project(t, 'toy', CONFIG);
  const { stdout } = await project.run('config', '--set', 'scale.half.by=0.5');
  assert.equal(
    stdout,
    `seed               0       default
numbers.count      4       pipeline.config.ts:1:36
numbers.trouble    "none"  default
scale.half.by      0.5     --set scale.half.by=0.5
scale.half.waitMs  0       default
`,
  );
  const { origins, config } = JSON.parse((await project.run('config', '--json')).stdout);
  assert.deepEqual(origins['numbers.count'], {
    from: 'file',
    file: 'pipeline.config.ts',
    line: 1,
    column: 36,
  });
  assert.equal(config.numbers.count, 4);
});

test('the store lies beside the config, or where --store says', async (t) => {
  const project = new Project(t, 'toy', CONFIG);
  await project.run('run', '--quiet', '--store', 'elsewhere');
  assert.ok(existsSync(join(project.dir, 'elsewhere', 'latest', 'total.json')));
  assert.ok(!existsSync(join(project.dir, 'artifacts')));
  assert.equal((await project.run('show', 'total', '--store', 'elsewhere')).stdout, '12\n');
  writeFileSync(join(project.dir, 'file'), '');
  const { code, stderr } = await project.run('run', '--store', 'file/inside');
  assert.equal(code, 5);
  assert.match(stderr, /cannot write to the store/);
});
