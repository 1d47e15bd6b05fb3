/** What `stages` of a config may name, and what is refused: each with its place. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type InvalidConfigError, resolveConfig } from '../../lib/config/index.ts';
import { heardByReader, whileItRuns } from '../../lib/config/own-code.ts';
import { buildGraph, type Graph } from '../../lib/flow/index.ts';
import { stages as studyStages } from '../../stages/index.ts';
import { smallStudy } from '../helpers/project.ts';
import { folder } from './support.ts';

const [, STAGE] = /```ts\n(.*?)```/s.exec(
  readFileSync(new URL('../../docs/own-stage.md', import.meta.url), 'utf8'),
)!;
const own = { clusters: { byType: { of: 'expressionUmap', k: 6 } } };

/** The graph of a study with these keys, and with `stages/x.ts` of this text. */
async function graphOf(t: TestContext, keys: object, text?: string): Promise<Graph> {
  const cwd = folder(t, { 'pipeline.config.json': JSON.stringify({ ...smallStudy, ...keys }, null, 2) });
  mkdirSync(join(cwd, 'stages'));
  if (text !== undefined) writeFileSync(join(cwd, 'stages/x.ts'), text);
  const { stages, config, seed, root } = await resolveConfig(studyStages, { cwd });
  return buildGraph(stages, config, { seed, root });
}

async function refusal(t: TestContext, keys: object, text?: string): Promise<string> {
  try {
    await graphOf(t, keys, text);
  } catch (error) {
    const { kind, report, message, expected, where, hint } = error as InvalidConfigError;
    assert.equal(kind, 'config', String((error as Error).stack));
    return report ?? [message, expected, where, hint].filter((line) => line !== undefined).join('\n');
  }
  throw new assert.AssertionError({ message: 'nothing was refused' });
}

test('a stage of the user\u2019s own joins the graph', async (t) => {
  const { targets } = await graphOf(t, { ...own, stages: ['./stages/x.ts'] }, STAGE);
  const target = targets.get('clusters[byType]')!;
  assert.deepEqual(target.params, { k: 6, rounds: 50 });
  assert.deepEqual(target.dependsOn, ['embed[expressionUmap]']);
  assert.deepEqual(
    target.publish.map(({ name }) => name),
    ['clusters/byType.arrow', 'clusters/byType.json'],
  );
  const { targets: none } = await graphOf(t, { stages: ['./stages/x.ts'] }, STAGE);
  assert.equal(none.has('clusters[byType]'), false);
});

test('what is no stage of the user\u2019s own is refused', async (t) => {
  const cases: [paths: string[], text: string | undefined, expected: RegExp][] = [
    [['./stages/none.ts'], undefined, /json:\d+:\d+ +there is no file "\.\/stages\/none\.ts"/],
    [['./stages'], undefined, /json:\d+:\d+ +"\.\/stages" is no file with a stage/],
    [['./stages/x.ts', 'stages/x.ts'], STAGE, /"stages\/x\.ts" is named twice/],
    [['./stages/x.ts'], 'export const a = 1;\n', /stages\/x\.ts has no default export/],
    [['./stages/x.ts'], 'export default { a: 1 };\n', /not a stage: it lacks name/],
    [['./stages/x.ts'], STAGE.replace('outputs: {', 'output: {'), /not a stage: it lacks outputs/],
    [['./stages/x.ts'], `export default 1 +;\n`, /x\.ts is not valid[\s\S]*x\.ts:1:/],
    [['./stages/x.ts'], `import { nothing } from './nowhere.ts';\nexport default nothing;\n`, /x\.ts:1:/],
    [['./stages/x.ts'], `throw new Error('no luck');\n`, /failed while it ran: no luck[\s\S]*x\.ts:1:/],
    [
      ['./stages/x.ts'],
      STAGE.replace("'clusters'", "'embed'"),
      /two stages are named "embed"[\s\S]*x\.ts:\d+/,
    ],
    [
      ['./stages/x.ts'],
      STAGE.replaceAll('clusters:', 'encodings:'),
      /two stages own the config key "encodings"[\s\S]*x\.ts:\d+/,
    ],
    [
      ['./stages/x.ts'],
      STAGE.replace('clusters/[instance].arrow', 'embeddings/expressionUmap.arrow'),
      /published as "embeddings\/expressionUmap\.arrow"[\s\S]*x\.ts:\d+/,
    ],
    [
      ['./stages/x.ts'],
      STAGE.replace('.embedding`', '.coordinates`'),
      /input points[\s\S]*does not write[\s\S]*x\.ts:\d+/,
    ],
    [
      ['./stages/x.ts'],
      STAGE.replace('`, embedding()', '`, json()'),
      /cannot read embed\[expressionUmap\]\.embedding[\s\S]*x\.ts:\d+/,
    ],
    [
      ['./stages/x.ts'],
      STAGE.replace('rounds: clusters[name].rounds', 'at: new Date(0)'),
      /params\.at is an instance of Date[\s\S]*x\.ts:\d+/,
    ],
    [
      ['./stages/x.ts'],
      STAGE.replace('=> Object.keys(clusters),', "=> { throw new Error('no names'); },"),
      /each\(\) failed: no names[\s\S]*x\.ts:\d+/,
    ],
  ];
  for (const [stages, text, expected] of cases) {
    assert.match(await refusal(t, { ...own, stages }, text), expected);
  }
  assert.match(await refusal(t, { ...own, stages: './stages/x.ts' }), /stages: expected a list/);
  assert.match(await refusal(t, own), /unknown key "clusters"/);
});

/** A stage that does nothing, with these properties beside its own; the last of a name counts. */
const declares = (properties: string) => `import { defineStage, from, json, output, z } from 'rankloom';
const no = (): any => {
  throw new Error('no luck');
};
export default defineStage({
  module: import.meta.url,
  name: 'mine',
  about: 'Does nothing.',
  params: () => ({}),
  inputs: () => ({}),
  outputs: { v: output(json()) },
  async run() {},
  ${properties},
} as any);
`;

test('mistakes in the declaration of an own stage are told with the place, whatever is thrown', async (t) => {
  const cases: [properties: string, expected: RegExp][] = [
    [
      'config: { mine: z.any().transform(() => no()) }',
      /config\.mine cannot be used: no luck[\s\S]*x\.ts:3:/,
    ],
    [
      'config: { mine: z.string().default(() => no()) }',
      /config\.mine cannot be used: no luck[\s\S]*x\.ts:3:/,
    ],
    ['config: { mine: z.any().transform(() => 1n) }', /config\.mine cannot be used: [\s\S]*x\.ts:13/],
    ['config: { mine: z.any().transform(() => no) }', /config\.mine cannot be used: [\s\S]*x\.ts:13/],
    [
      "config: { mine: z.any().superRefine((_: any, c: any) => c.addIssue({ code: 'custom', message: 'm', params: { known: 5 } })) }",
      /json:\d+:\d+ +m/,
    ],
    ['config: () => ({})', /config is no object of zod schemas/],
    ['check: () => [{ path: 5, message: null }]', /check\(\) gives \[ \{ path: 5[\s\S]*x\.ts:13/],
    ['check: () => { throw null; }', /check\(\) failed: null was thrown[\s\S]*x\.ts:13/],
    ['check: async () => no()', /check\(\) gives Promise[\s\S]*x\.ts:13/],
    ['params: () => new Proxy({}, { ownKeys: no })', /params is a proxy[\s\S]*x\.ts:\d+/],
    ['inputs: () => null', /inputs\(\) gives null[\s\S]*x\.ts:\d+/],
    ["inputs: () => ({ a: from('load.cells', null as any) })", /input a\) is read as null[\s\S]*x\.ts:13/],
    ['outputs: { v: output(json(), { publish: 5 as any }) }', /mine\.v is published as 5[\s\S]*x\.ts:\d+/],
    ['outputs: { get v() { return no(); } }', /x\.ts failed while it ran: no luck[\s\S]*x\.ts:3:/],
    ['needs: () => 5', /needs is no object[\s\S]*x\.ts/],
    ['environment: () => ({})', /environment is \[Function[\s\S]*x\.ts:13/],
    ['code: () => 5', /code\(\) gives 5[\s\S]*x\.ts:13/],
  ];
  for (const [properties, expected] of cases) {
    const keys = properties.startsWith('config: {') && !properties.includes('default') ? { mine: 1 } : {};
    const text = await refusal(t, { ...keys, stages: ['./stages/x.ts'] }, declares(properties));
    assert.match(text, expected, properties);
  }
  const proxy = "export default new Proxy({}, { ownKeys() { throw new Error('no luck'); } });\n";
  assert.match(await refusal(t, { stages: ['./stages/x.ts'] }, proxy), /no luck[\s\S]*x\.ts:1:/);
});

test('what own stages say of chosen entries is checked too', async (t) => {
  const choose = async (properties: string) => {
    const cwd = folder(t, {
      'pipeline.config.json': JSON.stringify({ ...smallStudy, stages: ['./x.ts'], mine: [1] }),
      'x.ts': declares(properties),
    });
    await resolveConfig(studyStages, { cwd, encodings: ['rank'] });
  };
  const refuses = (properties: string, message: RegExp) =>
    assert.rejects(choose(properties), { kind: 'config', message });
  const config = 'config: { mine: z.array(z.int()).default([]) }';
  await refuses(`${config}, requires: () => 5`, /requires\(\) gives 5/);
  await refuses(`${config}, requires: no`, /requires\(\) failed: no luck/);
  const names = (given: string) =>
    `${config}, references: { mine: { keys: ['encodings'], names: ${given} } }`;
  await refuses(names('() => 5'), /references\.mine\.names\(\) gives 5/);
  await refuses(names('no'), /references\.mine\.names\(\) failed: no luck/);
});

test('a config that is reached through a link has its own stages too', async (t) => {
  const files = { 'pipeline.config.json': JSON.stringify({ ...smallStudy, stages: ['./x.ts'] }) };
  const real = folder(t, { ...files, 'x.ts': declares('random: true') });
  const links = mkdtempSync(join(tmpdir(), 'rankloom-links-'));
  t.after(() => rmSync(links, { recursive: true, force: true }));
  symlinkSync(real, join(links, 'study'));
  const cwd = join(links, 'study');
  const { stages } = await resolveConfig(studyStages, { cwd });
  assert.equal(stages.at(-1)!.name, 'mine');
  writeFileSync(join(real, 'y.ts'), 'const a: any = null;\nexport default a.b;\n');
  writeFileSync(join(real, 'pipeline.config.json'), JSON.stringify({ ...smallStudy, stages: ['./y.ts'] }));
  await assert.rejects(resolveConfig(studyStages, { cwd }), { kind: 'config', where: 'y.ts:2:18' });
  const script = "import { defineConfig } from 'rankloom';\n";
  writeFileSync(
    join(real, 'z.config.ts'),
    `${script}const a: any = null;\nexport default defineConfig(a.b);\n`,
  );
  await assert.rejects(resolveConfig(studyStages, { cwd, config: 'z.config.ts' }), {
    kind: 'config',
    where: 'z.config.ts:3:31',
  });
});

test('a rejection that nobody waits for, as the file is read, is told of it', async (t) => {
  // The process that reads it hands such errors on; here the test runner would take them.
  const cwd = folder(t, { 'pipeline.config.json': '{}', 'x.ts': 'export default 1;\n' });
  const path = join(cwd, 'x.ts');
  const reading = whileItRuns(path, 'x.ts', async () => {
    assert.equal(heardByReader(null), true);
  });
  await assert.rejects(reading, { kind: 'config', message: /^x\.ts failed after it was read: null was/ });
  assert.equal(heardByReader(null), false);
});
