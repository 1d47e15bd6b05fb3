import { z } from 'zod';
import { defineStage, output } from '../../../lib/flow/stage.ts';
import { number } from './number.ts';

export default defineStage({
  module: import.meta.url,
  name: 'seed',
  about: 'Writes a number.',
  config: { actions: z.int().min(3) },
  params: () => ({}),
  inputs: () => ({}),
  outputs: { value: output(number()) },
  async run({ outputs }) {
    outputs.value.write(1);
  },
});
