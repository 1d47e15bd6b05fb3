import assert from 'node:assert/strict';
import test from 'node:test';
import { jointPairs } from '../../lib/study/joint-pairs.ts';
import joint from '../../stages/joint.ts';

const measures = {
  far: { of: 'one', metric: 'euclidean' },
  alike: { of: 'two', metric: 'cosine' },
  far2: { of: 'two', metric: 'euclidean' },
};
const config = { encodings: {}, embeddings: { one: {}, two: {} }, measures };

test('each pair of measures is an instance of its own, whatever signs the names have', () => {
  const pairs = [
    ['a-b', 'c'],
    ['a', 'b-c'],
    ['a.b', 'c'],
    ['a', 'b.c'],
  ] as [string, string][];
  const instances = jointPairs({ joint: pairs }).map(({ instance }) => instance);
  assert.deepEqual(instances, ['a-b:c', 'a:b-c', 'a.b:c', 'a:b.c']);
});

test('a part reads the rows of the two measures and the labels, and nothing else', async () => {
  const own = { ...config, joint: [['far', 'alike']] };
  const read = <T>(value: T) => ({ read: async () => value });
  const ends = { min: 0, max: 1 };
  const distribution = read({ within: ends, between: ends });
  const inputs = {
    sample: read({ label: ['a', 'b', 'a'] }),
    x_distribution: distribution,
    y_distribution: distribution,
  };
  const params = joint.params(own as never, 'far:alike');
  assert.deepEqual(params, { metrics: { x: 'euclidean', y: 'cosine' } });
  const parts = await joint.parts!.plan({ params, inputs } as never);
  assert.deepEqual(
    parts.map((part) => part.inputs),
    [['x', 'y', 'sample']],
  );
  const none = { min: null, max: null };
  const empty = { ...inputs, y_distribution: read({ within: none, between: none }) };
  assert.deepEqual(await joint.parts!.plan({ params, inputs: empty } as never), []);
});

test('measures of a pair must exist and differ, and no pair stands twice', () => {
  const check = (pairs: string[][]) => joint.check!({ ...config, joint: pairs } as never);
  assert.deepEqual(check([['far', 'alike']]), []);
  assert.deepEqual(check([['far', 'alik']]), [
    { path: ['joint', 0, 1], message: 'unknown measure "alik"', known: ['far', 'alike', 'far2'] },
  ]);
  const repeated = [
    ['far', 'alike'],
    ['alike', 'far'],
    ['far', 'alike'],
  ];
  assert.deepEqual(check(repeated), [
    { path: ['joint', 2], message: 'the pair far and alike is there already' },
  ]);
  assert.deepEqual(check([['far', 'far']]), [{ path: ['joint', 0], message: '"far" is paired with itself' }]);
});
