import { defineStage, from, output } from '../../../lib/flow/stage.ts';
import { json } from './json.ts';

export default defineStage({
  module: import.meta.url,
  name: 'total',
  about: 'Adds up.',
  params: () => ({}),
  inputs: (config: { scale: object }) => ({
    lists: Object.keys(config.scale).map((name) => from(`scale[${name}].list`, json<number[]>())),
  }),
  outputs: { total: output(json<number>(), { publish: 'total.json' }) },
  async run({ inputs, outputs }) {
    outputs.total.write(inputs.lists.flatMap((list) => list.read()).reduce((a, b) => a + b, 0));
  },
});
