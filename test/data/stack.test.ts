/** Tables below each other keep the types that their schema names. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stackTables } from '../../lib/data/results/stack.ts';

test('columns come in the arrays of their types', () => {
  const schema = { type: 'utf8', n: 'int32', share: 'float32', rest: 'float32?', total: 'int64' } as const;
  const table = (n: number) => ({
    type: ['a'],
    n: Int32Array.of(n),
    share: Float32Array.of(0.1),
    rest: Float32Array.of(Number.NaN),
    total: Float64Array.of(2 ** 40),
  });
  const tables = [1, 2].map((n) => ({
    keys: [n === 1 ? 'first' : 'second', `t${n}`],
    columns: table(n),
  }));
  assert.deepEqual(stackTables(schema, tables, ['half', 'table']), {
    half: ['first', 'second'],
    table: ['t1', 't2'],
    type: ['a', 'a'],
    n: Int32Array.of(1, 2),
    share: Float32Array.of(0.1, 0.1),
    rest: Float32Array.of(Number.NaN, Number.NaN),
    total: Float64Array.of(2 ** 40, 2 ** 40),
  });
});
