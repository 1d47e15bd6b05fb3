/** The front door: everything that is asked of a pipeline in one call, typed by its stages. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { OperationalError } from '../../lib/errors.ts';
import { from, json, output, pipeline, stagesFor } from '../../lib/flow/index.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'flow-pipeline-')));
after(() => rmSync(root, { recursive: true, force: true }));
writeFileSync(join(root, 'package.json'), '{"type":"module"}');
const DECLARE = fileURLToPath(new URL('../../lib/flow/declare.ts', import.meta.url));
const ZOD = import.meta.resolve('zod');

/** Where a stage of a test stands: workers import it, the test has its types from what it declares here. */
function fileOf(name: string, run: string): string {
  const path = join(root, `${name}.ts`);
  writeFileSync(
    path,
    `import { from, json, output, stagesFor } from '${DECLARE}';
import { z } from '${ZOD}';
const defineStage = stagesFor<any>();
export default defineStage({ module: import.meta.url, name: '${name}', about: '', params: () => ({}),
  inputs: () => (${name === 'sum' ? "{ list: from('numbers.list', json<number[]>()) }" : '{}'}),
  outputs: { list: output(json<any>(), { optional: ${name === 'sum'} })${name === 'sum' ? ', total: output(json<any>(), { optional: true })' : ''} },
  async run({ params, inputs, outputs }: any) { ${run} } });
`,
  );
  return pathToFileURL(path).href;
}

const defineStage = stagesFor<{ readonly unit: string }>();
const numbers = defineStage({
  module: fileOf('numbers', 'await outputs.list.write(Array.from({ length: params.count }, (_, i) => i));'),
  name: 'numbers',
  about: 'Counts.',
  config: { count: z.int().min(1).default(4), unit: z.string().default('m') },
  check: ({ count, unit }) =>
    count === 13 ? [{ path: ['count'], message: `no ${count} ${unit}`, known: ['12', '14'] }] : [],
  params: ({ count }) => ({ count }),
  inputs: () => ({}),
  outputs: { list: output(json<number[]>()) },
  async run() {},
});
const sum = defineStage({
  module: fileOf(
    'sum',
    `const list = await inputs.list.read();
     if (params.fails) throw new RangeError('no sum');
     await outputs.total.write({ total: list.reduce((a: number, b: number) => a + b, 0), unit: params.unit });`,
  ),
  name: 'sum',
  about: 'Adds up.',
  config: { sums: z.record(z.string(), z.strictObject({ fails: z.boolean().default(false) })) },
  each: ({ sums }) => Object.keys(sums),
  params: ({ sums, unit }, name) => ({ ...sums[name], unit }),
  inputs: () => ({ list: from('numbers.list', json<number[]>()) }),
  outputs: {
    total: output(json<{ total: number; unit: string }>(), { publish: '[instance].json', optional: true }),
    list: output(json<number>(), { publish: '[instance].list.json', optional: true }),
  },
  async run() {},
});

const both = pipeline([numbers, sum]);
const config = { count: 5, sums: { a: {} } };
const store = '.store';

const refused = (kind: string, pattern: RegExp) => (error: OperationalError) => {
  assert.equal(error.kind, kind, error.stack);
  assert.match([error.message, error.expected, error.hint].join('\n'), pattern);
  return true;
};

test('a config is checked by the schemas and by the stages', () => {
  assert.deepEqual(both.check(config), []);
  assert.deepEqual(both.check({ ...config, count: 13 }), [
    { path: ['count'], message: 'no 13 m', known: ['12', '14'] },
  ]);
  assert.deepEqual(
    both.check({ count: 0, more: 1, sums: { a: { fails: 1 } } }).map(({ path }) => path.join('.')),
    ['count', 'sums.a.fails', ''],
  );
  assert.throws(
    () => both.graph({ config: { ...config, count: 13 } }),
    refused('config', /no 13 m.*known: 12/),
  );
  assert.throws(() => both.graph({ config, seed: -1 }), refused('usage', /seed/));
  // @ts-expect-error: no such key
  assert.throws(() => both.graph({ config: { ...config, more: 1 } }), refused('config', /more/));
});

test('targets, plan and run take what selects targets', async () => {
  const options = { config: { count: 5, sums: { a: {}, b: {} } }, root, store };
  assert.deepEqual(both.targets(options), ['numbers', 'sum[a]', 'sum[b]']);
  const states = async (targets?: readonly string[]) =>
    (await both.plan({ ...options, targets })).map(({ target, state }) => `${target} ${state}`);
  assert.deepEqual(await states(), ['numbers stale', 'sum[a] unknown', 'sum[b] unknown']);
  assert.equal(readdirSync(root).includes(store), false);
  const events: string[] = [];
  const result = await both.run({
    ...options,
    targets: ['sum[a]'],
    workers: 1,
    onEvent: ({ type }) => events.push(type),
  });
  assert.equal(result.outcome, 'done');
  assert.equal(result.ran, 2);
  assert.ok(events.includes('run-finished'));
  assert.deepEqual(await states(), ['numbers fresh', 'sum[a] fresh', 'sum[b] cached']);
  // What a and b are made of is the same.
  assert.deepEqual(await states(['sum[b]']), ['numbers fresh', 'sum[b] cached']);
  assert.equal((await both.run({ ...options, targets: ['sum[a]'], force: ['sum[a]'] })).ran, 1);
  await assert.rejects(both.run({ ...options, targets: ['sun'] }), refused('usage', /did you mean "sum"/));
});

test('published outputs are read by stage and slot, with the types of their kinds', async () => {
  const options = { config, root, store, name: 'mine' };
  const result = await both.run(options);
  const { total, unit }: { total: number; unit: string } = await result.output(sum, 'total', 'a').read();
  assert.deepEqual([total, unit], [10, 'm']);
  assert.match(result.outputs!.folder, /studies\/mine\/latest$/);
  // What later runs show does not change what was read of this one.
  await both.run({ ...options, config: { ...config, count: 6 } });
  assert.equal((await result.output(sum, 'total', 'a').read()).total, 10);
  assert.throws(() => result.output(sum, 'total', 'z'), refused('usage', /no target sum\[z\]/));
  assert.throws(() => result.output(numbers, 'list'), refused('usage', /publishes no output list/));
  assert.throws(() => result.output(sum, 'list', 'a'), refused('usage', /left it unwritten/));
  // @ts-expect-error: no such output
  assert.throws(() => result.output(sum, 'totals', 'a'), refused('usage', /publishes no output totals/));
});

test('a failure is part of the result, and what is read of it says so', async () => {
  const result = await both.run({ config: { sums: { a: { fails: true } } }, root, store });
  assert.equal(result.outcome, 'failed');
  assert.equal(result.failed[0].target, 'sum[a]');
  assert.throws(() => result.output(sum, 'total', 'a'), refused('code', /no sum/));
});

test('stages that do not fit together are refused when the pipeline is made', () => {
  assert.throws(() => pipeline([numbers, numbers]), refused('config', /two stages are named "numbers"/));
  const other = defineStage({ ...sum, name: 'other' });
  assert.throws(
    () => pipeline([sum, other]),
    refused('config', /two stages own the config key "sums": sum and other/),
  );
  assert.throws(
    () => pipeline([{ name: 'x' } as never]),
    refused('config', /stage "x" is not a stage: it lacks module/),
  );
});
