import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import { defineStage, from, output } from '../../../lib/flow/stage.ts';
import { json } from './json.ts';

const scale = z.record(z.string(), z.strictObject({ by: z.number(), waitMs: z.int().default(0) }));

export default defineStage({
  module: import.meta.url,
  name: 'scale',
  about: 'Multiplies, and takes its time if told to.',
  config: { scale: scale.default({ double: { by: 2, waitMs: 0 } }) },
  each: (config: { scale: z.output<typeof scale> }) => Object.keys(config.scale),
  params: (config, name) => config.scale[name],
  inputs: () => ({ list: from('numbers.list', json<number[]>()) }),
  outputs: { list: output(json<number[]>(), { publish: 'scaled/[instance].json' }) },
  async run({ params, inputs, outputs, progress, signal }) {
    for (let waited = 0; waited < params.waitMs; waited += 50) {
      progress(waited, params.waitMs, 'waiting');
      await setTimeout(50, undefined, { signal });
    }
    outputs.list.write(inputs.list.read().map((x) => x * params.by));
  },
});
