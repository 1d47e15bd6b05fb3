/** What a part is told is checked by what its stage declares, when it is planned and before it runs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { checkParts } from '../../lib/flow/graph/declarations.ts';
import { partData } from '../../lib/flow/graph/part-data.ts';
import { defineStage } from '../../lib/flow/stage.ts';

const stageOf = (data?: z.ZodType<{ start: number }>) =>
  defineStage({
    module: import.meta.url,
    name: 'cut',
    about: 'Work in parts.',
    params: () => ({}),
    inputs: () => ({}),
    outputs: {},
    parts: {
      data,
      outputs: {},
      plan: async () => [{ name: 'a', data: { start: 1 } }],
      async run({ part }) {
        assert.equal(part.start, 1);
      },
    },
    async run() {},
  });

test('data that a stage does not declare are refused when they are planned', () => {
  const stage = stageOf(z.strictObject({ start: z.int() }));
  checkParts([{ name: 'a', data: { start: 1 } }], stage, []);
  for (const [data, place] of [
    [{ start: 1.5 }, 'data.start'],
    [{ start: 1, more: 2 }, 'data'],
    [null, 'data'],
  ] as const) {
    assert.throws(() => checkParts([{ name: 'a', data }], stage, []), {
      kind: 'impure',
      message: new RegExp(`^stage cut planned part "a" with other data than it declares: ${place}: `),
      hint: /what `data` of the parts says/,
    });
  }
});

test('and before the part runs; without a declaration any plain data go', () => {
  const stage = stageOf(z.strictObject({ start: z.int() }));
  assert.deepEqual(partData(stage, { start: 1 }), { start: 1 });
  assert.throws(() => partData(stage, { start: 'x' }), /planned a part with other data/);
  assert.equal(partData(stageOf(), 'anything'), 'anything');
});
