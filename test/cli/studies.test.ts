/** What each study shows of its runs: complete ones, parts of it, runs with other values, other studies beside it. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkConfig } from '../../lib/config/index.ts';
import { placeOfStudy } from '../../lib/flow/index.ts';
import { claimStudy } from '../../lib/flow/runs/studies.ts';
import { Project } from './support.ts';

const config = (count: number, more = '') => `export default { numbers: { count: ${count} }${more} };\n`;

/** A project whose files are read by their names in the store. */
function toys(t: TestContext, files: Record<string, string> = { 'pipeline.config.ts': config(4) }) {
  const project = new Project(t, 'toy', files);
  const at = (...path: string[]) => join(project.dir, 'artifacts', ...path);
  return {
    project,
    at,
    names: (...path: string[]) =>
      existsSync(at(...path))
        ? readdirSync(at(...path), { recursive: true, encoding: 'utf8' })
            .filter((name) => name !== 'scaled')
            .sort()
        : undefined,
    text: (...path: string[]) => readFileSync(at(...path), 'utf8'),
    async ok(...args: string[]) {
      const result = await project.run(...args);
      assert.equal(result.code, 0, result.stderr);
      return result;
    },
  };
}

const ALL = ['numbers.json', 'run.json', 'scaled/double.json', 'total.json'];
const LIST = '[0,1,2,3]';

test('a part with another value takes nothing from latest, and stands beside it', async (t) => {
  const { ok, names, text, at, project } = toys(t);
  await ok('run');
  const part = await ok('run', 'numbers', '--set', 'numbers.count=2');
  assert.match(
    part.stderr,
    /Of the study, 2 targets are not up to date\.\nThe latest outputs stay those of the complete run \w{6} of \S+ \S+\.\nOutputs of this run: artifacts\/studies\/pipeline\/partial, made with --set numbers\.count=2\n$/,
  );
  for (const latest of [['latest'], ['studies', 'pipeline', 'latest']]) {
    assert.deepEqual(names(...latest), ALL);
    assert.equal(text(...latest, 'numbers.json'), LIST);
  }
  assert.deepEqual(names('studies', 'pipeline', 'partial'), ['numbers.json', 'run.json']);
  assert.equal(text('studies', 'pipeline', 'partial', 'numbers.json'), '[0,1]');

  const shown = await ok('show', 'numbers');
  assert.equal(shown.stdout, `${LIST}\n`);
  assert.match(shown.stderr, /a later run of some targets has outputs too: --run partial/);
  assert.equal((await ok('show', 'numbers', '--run', 'partial')).stdout, '[0,1]\n');
  assert.equal((await ok('show', 'scale[double].list')).stdout, '[0,2,4,6]\n');
  assert.match(
    (await ok('status')).stdout,
    /latest shows the complete run .*\n.*partial shows the partial run .*, made with --set numbers\.count=2/,
  );
  const list = JSON.parse((await ok('runs', '--json')).stdout);
  assert.deepEqual(
    list.map((r: { isLatest: boolean; isPartial: boolean }) => [r.isLatest, r.isPartial]),
    [
      [false, true],
      [true, false],
    ],
  );
  assert.match((await ok('runs', 'diff', 'latest', 'partial')).stdout, /numbers\.count: 4 → 2/);
  await ok('gc', '--keep-runs', '0', '--keep-days', '0');
  assert.equal(text('latest', 'total.json'), '12', 'what is shown is kept');
  assert.equal((await ok('show', 'numbers', '--run', 'partial')).stdout, '[0,1]\n');

  // The same values again: everything is up to date, and so the part is over.
  assert.match((await ok('run', 'numbers')).stderr, /^Nothing to do: 1 target up to date\.\n$/);
  assert.equal(names('studies', 'pipeline', 'partial'), undefined);
  rmSync(at('latest', 'total.json'));
  await ok('run', 'numbers');
  assert.equal(text('latest', 'total.json'), '12');
  assert.equal((await project.run('show', 'total', '--run', 'partial')).code, 2);
});

test('a whole run with other values is the latest, and says so', async (t) => {
  const { ok, text } = toys(t);
  await ok('run');
  const other = await ok('run', '--set', 'numbers.count=2');
  assert.match(
    other.stderr,
    /Outputs of this run: artifacts\/studies\/pipeline\/latest, made with --set numbers\.count=2\n$/,
  );
  assert.equal(text('latest', 'total.json'), '2');
  assert.match((await ok('show', 'total')).stderr, /made with --set numbers\.count=2/);
  const same = await ok('run', '--set', 'numbers.count=4', '--set', 'seed=0');
  assert.equal(same.stderr, 'Nothing to do: 3 targets up to date.\n', 'values that change nothing are none');
  assert.equal(text('latest', 'total.json'), '12');
  assert.equal((await ok('show', 'total')).stderr, '');
});

test('while nothing is complete, latest is the newest part, of one config alone', async (t) => {
  const { ok, names, text, project } = toys(t);
  assert.match(
    (await ok('run', 'numbers')).stderr,
    /Of the study, 2 targets are not up to date\.\nOutputs of this run: artifacts\/studies\/pipeline\/latest\n$/,
  );
  await ok('run', 'scale');
  assert.deepEqual(names('latest'), ['numbers.json', 'run.json', 'scaled/double.json']);
  project.write('pipeline.config.ts', config(1));
  await ok('run', 'numbers');
  assert.deepEqual(names('latest'), ['numbers.json', 'run.json'], 'the scaled ones are of the old config');
  assert.equal(text('latest', 'numbers.json'), '[0]');
  assert.match((await ok('show', 'numbers')).stderr, /outputs of a part of the study/);
  project.write('pipeline.config.ts', config(1, ', scale: { double: { by: 1, waitMs: -0.5 } }'));
  assert.equal((await project.run('run')).code, 2);
  assert.equal(text('latest', 'numbers.json'), '[0]', 'a run that fails shows nothing');
});

test('studies of one store each keep their own, and latest is that of the last complete run', async (t) => {
  const { ok, project, text } = toys(t, { 'one.config.ts': config(4), 'two.config.ts': config(2) });
  const one = ['--config', 'one.config.ts'];
  const two = ['--config', 'two.config.ts'];
  await ok('run', ...one);
  const early = await project.run('show', 'total', ...two);
  assert.deepEqual([early.code, early.stdout], [2, '']);
  assert.match(early.stderr, /no outputs of the study "two" yet[\s\S]*--study: one\n$/);
  for (const args of [
    ['export', 'out'],
    ['runs', 'show', 'latest'],
    ['runs', 'diff', 'latest', 'latest'],
    ['runs', 'export', 'latest', 'out'],
    ['show', 'numbers.list'],
  ]) {
    const { code, stdout } = await project.run(...args, ...two);
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
  }
  assert.ok(!existsSync(join(project.dir, 'out')));
  assert.match((await ok('status', ...two)).stdout, /No run of this study has finished yet\.\n$/);

  await ok('run', 'numbers', ...two);
  assert.equal(text('latest', 'numbers.json'), LIST, 'a part of another study is not complete');
  await ok('run', ...two);
  assert.equal(text('latest', 'numbers.json'), '[0,1]');
  assert.equal(text('studies', 'one', 'latest', 'numbers.json'), LIST);
  assert.equal((await ok('show', 'total', ...one)).stdout, '12\n');
  assert.equal((await ok('show', 'total', '--store', 'artifacts', '--study', 'one')).stdout, '12\n');
  assert.equal((await ok('show', 'total', '--store', 'artifacts')).stdout, '2\n', 'no config is in reach');
  assert.equal((await ok('show', 'numbers.list', ...one)).stdout, `${LIST}\n`);
  assert.match(
    (await project.run('show', 'total', '--study', 'tow', ...one)).stderr,
    /no study "tow"[\s\S]*one of one, two/,
  );

  assert.match((await ok('run', ...one)).stderr, /^Nothing to do/);
  assert.equal(text('latest', 'numbers.json'), LIST, 'it was the last to be complete');
  const [shown] = JSON.parse((await ok('runs', '--json', ...one)).stdout).filter(
    (r: { isLatest: boolean }) => r.isLatest,
  );
  assert.equal(shown.study, 'two.config.ts', 'each study has its latest');
});

test('a study is called by its config file or by name; what is no name is refused at once', async (t) => {
  const { ok, project, names } = toys(t, {
    'pipeline.config.ts': config(1, ", name: 'blood cells'"),
    'plain.json': '{}',
    'v1.2.config.ts': config(1),
  });
  await ok('run');
  await ok('run', '--config', 'plain.json');
  await ok('run', '--config', 'v1.2.config.ts');
  await ok('run', '--set', 'name=größe');
  assert.deepEqual(
    names('studies')?.filter((name) => !name.includes('/')),
    ['blood cells', 'größe', 'plain', 'v1.2'],
  );
  const wrong = [
    '..',
    'a/b',
    'a\\b',
    '.a',
    'a.',
    ' a',
    'a ',
    '',
    'n'.repeat(201),
    'a\nb',
    'a\0',
    'é'.repeat(101),
  ];
  for (const name of wrong) {
    const { problems } = checkConfig([], { name });
    assert.match(problems[0]?.message ?? '', /^name: expected the name of a folder/, name);
  }
  const refused = await project.run('run', '--set', 'name=../other');
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /^--set name=\.\.\/other {2}name: expected the name of a folder/);
  project.write('.config.ts', config(1));
  const nameless = await project.run('run', '--config', '.config.ts');
  assert.equal(nameless.code, 2);
  assert.match(nameless.stderr, /cannot be called after its config file "\.config\.ts"[\s\S]*name the study/);
});

test('configs of one file name that share a store have a place each', async (t) => {
  const { project } = toys(t, {});
  for (const [folder, count] of [
    ['a', 1],
    ['b', 2],
  ] as const) {
    mkdirSync(join(project.dir, folder));
    project.write(`${folder}/pipeline.config.ts`, config(count));
    project.write(`${folder}/named.config.ts`, config(count, ", name: 'same'"));
  }
  const store = ['--store', 'store'];
  const run = (folder: string, ...args: string[]) =>
    project.run(...args, '--config', `${folder}/pipeline.config.ts`, ...store);
  await run('a', 'run');
  const second = await run('b', 'run');
  assert.equal(second.code, 0);
  assert.match(
    second.stderr,
    /The study is called pipeline-[0-9a-f]{8} in this store, .*a\/pipeline\.config\.ts\.\n$/,
  );
  for (const [folder, total] of [
    ['a', '0\n'],
    ['b', '2\n'],
  ] as const) {
    assert.equal((await run(folder, 'show', 'total')).stdout, total);
    assert.equal((await run(folder, 'show', 'total.total')).stdout, total);
  }
  const named = (folder: string) => project.run('run', '--config', `${folder}/named.config.ts`, ...store);
  assert.equal((await named('a')).code, 0);
  const refused = await named('b');
  assert.equal(refused.code, 2);
  assert.match(
    refused.stderr,
    /the study "same" of this store is that of another config file\n[\s\S]* {2}where: .*a\/named\.config\.ts/,
  );
  // The file went away from its folder: its name is free.
  rmSync(join(project.dir, 'a', 'named.config.ts'));
  assert.equal((await named('b')).code, 0);
  // A folder that cannot be seen may just not be mounted: nothing is taken from it.
  renameSync(join(project.dir, 'a'), join(project.dir, 'moved'));
  assert.equal((await run('b', 'show', 'total')).stdout, '2\n');
  assert.match(
    (await project.run('status', '--config', 'moved/pipeline.config.ts', ...store)).stdout,
    /No run of this study/,
  );
});

test('a project that is moved or copied with its store, and a store without links, show the same', async (t) => {
  const { ok, project } = toys(t);
  await ok('run');
  await ok('run', 'numbers', '--set', 'numbers.count=2');
  const elsewhere = join(project.dir, 'elsewhere');
  mkdirSync(elsewhere);
  cpSync(join(project.dir, 'artifacts'), join(elsewhere, 'artifacts'), {
    recursive: true,
    dereference: true,
  });
  cpSync(join(project.dir, 'pipeline.config.ts'), join(elsewhere, 'pipeline.config.ts'));
  const there = ['--config', 'elsewhere/pipeline.config.ts'];
  assert.equal((await ok('show', 'total', ...there)).stdout, '12\n');
  assert.match((await ok('runs', ...there)).stdout, /partial [\s\S]*latest /);
  await ok('gc', '--keep-runs', '0', '--keep-days', '0', ...there);
  assert.match((await ok('run', ...there)).stderr, /^Nothing to do/m); // folders in the place of links are set aside
  assert.equal((await ok('show', 'total', ...there)).stdout, '12\n');
  assert.equal((await project.run('show', 'total', '--run', 'partial', ...there)).code, 2);
});

test('of two configs that take a name at once, one gets it', (t) => {
  const { project, at } = toys(t, {});
  const places = ['x', 'y'].map((folder) => {
    mkdirSync(join(project.dir, folder));
    project.write(`${folder}/pipeline.config.ts`, config(1));
    return claimStudy(at(), { name: 'pipeline', config: join(project.dir, folder, 'pipeline.config.ts') });
  });
  assert.equal(places[0].name, 'pipeline');
  assert.match(places[1].name, /^pipeline-[0-9a-f]{8}$/);
  const again = placeOfStudy(at(), {
    name: 'pipeline',
    config: join(project.dir, 'y', 'pipeline.config.ts'),
  });
  assert.equal(again.name, places[1].name);
  project.write('artifacts/studies/pipeline/study.json', 'no JSON');
  assert.equal(
    claimStudy(at(), { name: 'pipeline', config: join(project.dir, 'y/pipeline.config.ts') }).name,
    'pipeline',
  );
});
