/** A stage of the user's own: the example of docs/own-stage.md, from the config to the store, and what is refused. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { table } from '../../lib/flow/index.ts';
import { Project } from '../helpers/project.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [STAGE, CONFIG] = [
  ...readFileSync(new URL('../../docs/own-stage.md', import.meta.url), 'utf8').matchAll(/```ts\n(.*?)```/gs),
].map(([, code]) => code);

const project = new Project();
after(() => project.remove());
mkdirSync(project.path('stages'));

/** The config of the project, with keys that its type does not have. */
const config: Record<string, unknown> = project.config;
const own = { stages: ['./stages/clusters.ts'], clusters: { byType: { of: 'expressionUmap', k: 6 } } };
Object.assign(config, own);
const write = (text: string, name = 'clusters') => writeFileSync(project.path(`stages/${name}.ts`), text);
write(STAGE);

async function ran(...patterns: string[]): Promise<string[]> {
  const { code, stderr, ran } = await project.run(...patterns);
  assert.equal(code, 0, stderr);
  return ran;
}

/** What a command that is refused says. */
async function refusal(...args: string[]): Promise<string> {
  const { code, stderr } = await project.rankloom(...args);
  assert.equal(code, 2, stderr);
  assert.doesNotMatch(stderr, /internal error|bug in|^ +at /m);
  return stderr;
}

test('the example and its config are right for the compiler', () => {
  const folder = project.path('typed');
  mkdirSync(`${folder}/stages`, { recursive: true });
  writeFileSync(`${folder}/stages/clusters.ts`, STAGE);
  writeFileSync(`${folder}/pipeline.config.ts`, CONFIG);
  // A key that nothing owns is an error: so the types say something.
  writeFileSync(
    `${folder}/wrong.config.ts`,
    CONFIG.replace('clusters: {', '// @ts-expect-error\n  clutsers: {'),
  );
  writeFileSync(`${folder}/package.json`, '{"type":"module"}');
  const options = {
    extends: `${root}tsconfig.json`,
    compilerOptions: {
      paths: { rankloom: [`${root}lib/index.ts`] },
      types: ['node'],
      typeRoots: [`${root}node_modules/@types`],
    },
    include: ['**/*.ts', `${root}lib/kernels/*.d.ts`],
  };
  writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(options));
  try {
    execFileSync(`${root}node_modules/.bin/tsc`, ['--noEmit', '-p', folder], { encoding: 'utf8' });
  } catch (error) {
    assert.fail((error as { stdout: string }).stdout);
  }
});

test('a stage of one\u2019s own is planned, run, published and kept', async () => {
  const { stdout } = await project.rankloom('plan', 'clusters');
  assert.match(stdout, /clusters\[byType\]/);
  assert.deepEqual(await ran('clusters'), [
    'load',
    'subset',
    'hvg',
    'encode[expression]',
    'neighbors[expression-euclidean-15]',
    'embed[expressionUmap]',
    'clusters[byType]',
  ]);
  const { cluster, cell_id } = await table({ cell_id: 'utf8', cluster: 'int32' })
    .input(project.latest('clusters/byType.arrow'))
    .read();
  assert.equal(new Set(cluster).size, 6);
  const { sizes, purity } = JSON.parse(readFileSync(project.latest('clusters/byType.json'), 'utf8'));
  assert.equal(
    sizes.reduce((a: number, b: number) => a + b, 0),
    cell_id.length,
  );
  assert.ok(purity > 0.5 && purity <= 1, String(purity));
  assert.deepEqual(await ran('clusters'), []);
});

test('its params, its code and its seed count, and why says so', async () => {
  Object.assign(config, { clusters: { byType: { of: 'expressionUmap', k: 5 } } });
  assert.match((await project.rankloom('why', 'clusters')).stdout, /k: 6 → 5/);
  assert.deepEqual(await ran('clusters'), ['clusters[byType]']);
  write(STAGE.replace('// The first centres', '// Those at the beginning'));
  assert.deepEqual(await ran('clusters'), []);
  write(STAGE.replace('moved === 0', 'moved < 1'));
  assert.match((await project.rankloom('why', 'clusters')).stdout, /code changed: clusters\.ts/);
  assert.deepEqual(await ran('clusters'), ['clusters[byType]']);
  write(STAGE);
  assert.deepEqual(await ran('clusters'), []);
  const { stdout } = await project.rankloom('plan', 'clusters', '--set', 'seed=7');
  assert.match(stdout, /clusters\[byType\]/);
});

test('it stands in status and graph, and its values come from the command line too', async () => {
  assert.match((await project.rankloom('status', 'clusters')).stdout, /fresh +clusters\[byType\]/);
  assert.match((await project.rankloom('graph', 'clusters')).stdout, /clusters\[byType\]/);
  assert.match((await project.rankloom('config')).stdout, /clusters\.byType\.rounds +50/);
  assert.match((await project.rankloom('show', 'clusters/byType.arrow')).stdout, /cluster/);
  const { stdout } = await project.rankloom('plan', 'clusters', '--set', 'clusters.byType.k=3');
  assert.match(stdout, /k: 5 → 3/);
});

test('it runs in a process that may read nothing but its inputs, and gives the same bytes', async () => {
  const before = project.hashes()['clusters/byType.arrow'];
  assert.deepEqual(await ran('clusters', '--hermetic', '--force', 'clusters'), ['clusters[byType]']);
  assert.equal(project.hashes()['clusters/byType.arrow'], before);
});

test('mistakes in its config are told with their places', async () => {
  Object.assign(config, { clusters: { byType: { of: 'expresionUmap', k: 5 } } });
  assert.match(
    await refusal('plan'),
    /json:\d+:\d+ +unknown embedding "expresionUmap"[\s\S]*did you mean "expressionUmap"/,
  );
  Object.assign(config, { clusters: { byType: { of: 'expressionUmap', k: 'many' } } });
  assert.match(await refusal('plan'), /clusters\.byType\.k: expected a whole number, found "many"/);
  Object.assign(config, own);
});

test('what is no stage is refused, with exit code 2', async () => {
  Object.assign(config, own, { stages: ['./stages/none.ts'] });
  assert.match(await refusal('plan'), /json:\d+:\d+ +there is no file "\.\/stages\/none\.ts"/);
  write(STAGE.replace("'clusters'", "'embed'"), 'x');
  Object.assign(config, own, { stages: ['./stages/x.ts'] });
  assert.match(await refusal('plan'), /two stages are named "embed"[\s\S]*x\.ts:\d+/);
  Object.assign(config, own);
});

test('an error in its run is one of its code, with the place, in a thread and in a process', async () => {
  write(
    STAGE.replace(
      'await outputs.cells.write',
      "throw new RangeError('too few');\n    await outputs.cells.write",
    ),
  );
  for (const options of [[], ['--hermetic']]) {
    const { code, stderr } = await project.rankloom('run', 'clusters', ...options);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /too few[\s\S]*stages\/clusters\.ts:\d+/);
    assert.match(stderr, /one of this code, not of rankloom; --debug shows the stack/);
    assert.doesNotMatch(stderr, /internal error/);
  }
  write(STAGE);
});

/** A stage that reads nothing, with this `run`, in a file that begins with some text. */
const alone = (run: string, head = '') => `${head}
import { defineStage, json, output } from 'rankloom';
export default defineStage({
  module: import.meta.url,
  name: 'alone',
  about: 'Reads nothing.',
  params: () => ({}),
  inputs: () => ({}),
  outputs: { v: output(json<unknown>(), { publish: 'alone.json' }) },
  async run({ outputs }) {
    ${run}
  },
});
`;

test('what its run writes or imports that cannot be is an error of its code', async () => {
  Object.assign(config, own, { stages: ['./stages/x.ts'] });
  delete config.clusters;
  const cases: [run: string, expected: RegExp][] = [
    ['const a: any = {}; a.a = a; await outputs.v.write(a);', /\$\.a is a value that holds itself/],
    ["await import('nope-package' as any);", /Cannot find package 'nope-package'/],
    ["await import('./nope.ts' as any);", /Cannot find module/],
  ];
  for (const [run, expected] of cases) {
    write(alone(run), 'x');
    const { code, stderr } = await project.rankloom('run', 'alone');
    assert.equal(code, 1, stderr);
    assert.match(stderr, expected);
    assert.match(stderr, /where: .*stages\/x\.ts/);
    assert.doesNotMatch(stderr, /internal error|bug in|^ +at /m);
  }
  Object.assign(config, own);
});

test('what its file leaves under way ends the command with the file named, and a run leaves its record', async () => {
  Object.assign(config, own, { stages: ['./stages/x.ts'] });
  delete config.clusters;
  const waits = 'await new Promise((done) => setTimeout(done, 20_000)); await outputs.v.write(1);';
  const cases: [head: string, expected: RegExp][] = [
    ['Promise.reject(null);', /stages\/x\.ts failed after it was read: null was thrown/],
    ['setTimeout(() => { throw null; }, 2_000);', /failed after it was read: null was thrown/],
    ["setTimeout(() => { throw new Error('late'); }, 2_000);", /read: late\n +where: stages\/x\.ts:1:/],
  ];
  for (const [head, expected] of cases) {
    write(alone(waits, head), 'x');
    assert.match(await refusal('run', 'alone'), expected);
  }
  write(alone('await outputs.v.write(1);'), 'x');
  const { code, stderr } = await project.rankloom('run', 'alone');
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /without a record/);
  Object.assign(config, own);
});

test('without it, its keys are unknown', async () => {
  delete config.stages;
  assert.match(await refusal('plan'), /unknown key "clusters"/);
  Object.assign(config, own);
});
