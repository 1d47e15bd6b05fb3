/**
 * A million pairs of different key ingredients: no two may share a key, and the order of fields may not matter.
 *
 *     node test/campaigns/keys.ts [--pairs 1000000] [--seed 1]
 *
 * A short form is part of the tests (test/flow/keys.test.ts).
 */
import { parseArgs } from 'node:util';
import { randomSource } from '../../lib/flow/index.ts';
import { checkKeys } from './keys/fuzz.ts';

const { values } = parseArgs({
  options: { pairs: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } },
});
const started = performance.now();
checkKeys(randomSource(Number(values.seed), 'keys').stream('fuzz'), Number(values.pairs));
const seconds = Math.round((performance.now() - started) / 1000);
console.log(`${values.pairs} pairs (seed ${values.seed}): no equal key, no matter what order; ${seconds} s`);
