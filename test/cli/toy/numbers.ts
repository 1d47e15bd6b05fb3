import { z } from 'zod';
import { dataError } from '../../../lib/errors.ts';
import { defineStage, output } from '../../../lib/flow/stage.ts';
import { json } from './json.ts';

const numbers = z.strictObject({
  count: z.int().min(0).default(3),
  trouble: z.enum(['none', 'data', 'bug']).default('none'),
});

export default defineStage({
  module: import.meta.url,
  name: 'numbers',
  about: 'Counts.',
  config: { numbers: numbers.prefault({}) },
  params: (config: { numbers: z.output<typeof numbers> }) => config.numbers,
  inputs: () => ({}),
  outputs: { list: output(json<number[]>(), { publish: 'numbers.json' }) },
  async run({ params, outputs }) {
    if (params.trouble === 'bug') throw new TypeError('this was not foreseen');
    if (params.trouble === 'data') {
      throw dataError('the numbers cannot be used', {
        expected: 'others',
        where: 'a place',
        hint: 'do this\nor that',
      });
    }
    outputs.list.write(Array.from({ length: params.count }, (_, i) => i));
  },
});
