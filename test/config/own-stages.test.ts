/** What `stages` of a config may name, and what is refused: each with its place. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type InvalidConfigError, resolveConfig } from '../../lib/config/index.ts';
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
