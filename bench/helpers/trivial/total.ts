import { defineStage, from, output } from '../../../lib/flow/stage.ts';
import { number } from './number.ts';

export default defineStage({
  module: import.meta.url,
  name: 'total',
  about: 'Adds up.',
  params: () => ({}),
  inputs: ({ actions }: { actions: number }) => ({
    items: Array.from({ length: actions - 2 }, (_, i) => from(`item[${i}].value`, number())),
  }),
  outputs: { sum: output(number(), { publish: 'total.txt' }) },
  async run({ inputs, outputs }) {
    outputs.sum.write(inputs.items.reduce((sum, item) => sum + item.read(), 0));
  },
});
