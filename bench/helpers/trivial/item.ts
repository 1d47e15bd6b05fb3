import { defineStage, from, output } from '../../../lib/flow/stage.ts';
import { number } from './number.ts';

export default defineStage({
  module: import.meta.url,
  name: 'item',
  about: 'Adds its own number.',
  each: ({ actions }: { actions: number }) => Array.from({ length: actions - 2 }, (_, i) => String(i)),
  params: (_: unknown, instance: string) => ({ own: Number(instance) }),
  inputs: () => ({ seed: from('seed.value', number()) }),
  outputs: { value: output(number(), { publish: 'items/[instance].txt' }) },
  async run({ params, inputs, outputs }) {
    outputs.value.write(inputs.seed.read() + params.own);
  },
});
