/** `defineConfig` knows the keys of the stages there are. Most of this is checked by `tsc`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { type ConfigInput, type ConfigOutput, composeSchema } from '../../lib/config/index.ts';
import { defineStage } from '../../lib/flow/stage.ts';
import { defineConfig } from '../../lib/index.ts';
import { stages } from '../../stages/index.ts';

const common = {
  module: import.meta.url,
  about: '',
  params: () => ({}),
  inputs: () => ({}),
  outputs: {},
  async run() {},
};
const one = defineStage({
  ...common,
  name: 'one',
  config: { one: z.strictObject({ a: z.int().default(1) }).prefault({}) },
});
const two = defineStage({ ...common, name: 'two', config: { two: z.enum(['x', 'y']) } });
const none = defineStage({ ...common, name: 'none' });
const toys = [one, two, none] as const;

test('the config is typed from the stages', () => {
  const given: ConfigInput<typeof toys> = { one: {}, two: 'x' };
  const resolved: ConfigOutput<typeof toys> = { seed: 0, one: { a: 1 }, two: 'x' };
  assert.deepEqual(composeSchema(toys).parse(given), resolved);
  // @ts-expect-error: no such key
  const unknown: ConfigInput<typeof toys> = { two: 'x', three: 1 };
  // @ts-expect-error: no such value
  const wrong: ConfigInput<typeof toys> = { two: 'z' };
  for (const config of [unknown, wrong]) assert.ok(!composeSchema(toys).safeParse(config).success);
});

test('defineConfig takes what the study takes, and nothing else', () => {
  const config = defineConfig({ hvg: { flavor: 'none' }, encodings: { r: { kind: 'rank', genes: 'all' } } });
  assert.deepEqual(
    Object.keys(composeSchema(stages).parse({ ...config, measures: {}, embeddings: {}, joint: [] })).sort(),
    [
      'dataset',
      'diagnostics',
      'embeddings',
      'encodings',
      'fidelity',
      'hvg',
      'joint',
      'measures',
      'neighbors',
      'perturb',
      'purity',
      'report',
      'seed',
      'subset',
    ],
  );
  // @ts-expect-error: no such flavor
  defineConfig({ hvg: { flavor: 'nonne' } });
  // @ts-expect-error: no such kind
  defineConfig({ encodings: { r: { kind: 'ranks' } } });
  // @ts-expect-error: no such key
  defineConfig({ hvgs: {} });
});

test('two stages cannot own one key', () => {
  assert.throws(() => composeSchema([one, one]), /two stages own the config key "one"/);
});
