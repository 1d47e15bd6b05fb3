/** Why a target is to run: the root cause, with what exactly is different. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Decider } from '../../lib/flow/decide/decide.ts';
import { resolveAll } from '../../lib/flow/decide/decide-all.ts';
import { explain } from '../../lib/flow/decide/explain.ts';
import { describeCause, describeCauses } from '../../lib/flow/decide/words.ts';
import type { Target } from '../../lib/flow/graph/target.ts';
import type { KeyIngredients } from '../../lib/flow/keys/key.ts';
import { ToyProject } from './toy-project.ts';

async function withToys(body: (toys: ToyProject) => Promise<void>): Promise<void> {
  const toys = await ToyProject.create();
  try {
    await body(toys);
  } finally {
    toys.remove();
  }
}

async function decisionsOf(toys: ToyProject) {
  const graph = toys.graph();
  const decider = new Decider(graph, toys.store);
  const all = new Set(graph.targets.keys());
  await decider.prepare(all);
  const resolved = await resolveAll(decider, graph, all);
  return { decider, decision: (id: string) => resolved.get(id)!.decision };
}

test('an edit of a helper is shown as a diff of the code that uses it', () =>
  withToys(async (toys) => {
    await toys.run();
    toys.edit('helpers.ts', 'x * x', 'x * x * x');
    const { decider, decision } = await decisionsOf(toys);
    const { root } = decision('total');
    assert.equal(root?.target, 'map[one]');
    const changes = decider.codeChangesSince(root.target, root.comparedWith!.key);
    assert.deepEqual(
      changes?.map(({ name, diff }) => [name, diff?.filter(({ sign }) => '+-'.includes(sign))]),
      [
        [
          'helpers.ts',
          [
            { sign: '-', text: 'var square = (x) => x * x;' },
            { sign: '+', text: 'var square = (x) => x * x * x;' },
          ],
        ],
      ],
    );
    assert.match(describeCauses(root.causes), /^code changed: helpers\.ts$/);
  }));

test('a change that an earlier run has carried half way is traced to where it began', () =>
  withToys(async (toys) => {
    await toys.run();
    toys.config.count = 30;
    await toys.run({ patterns: ['numbers'] });
    const { decision } = await decisionsOf(toys);
    assert.equal(decision('numbers').state, 'fresh');
    assert.equal(decision('map[one]').state, 'stale');
    assert.equal(describeCauses(decision('map[one]').causes), 'list from numbers changed');
    const { root } = decision('map[one]');
    assert.equal(root?.target, 'numbers');
    assert.equal(describeCauses(root.causes), 'count: 25 → 30');
    assert.match(
      describeCauses(decision('total').causes),
      /^depends on the output of map\[one\], map\[two\]$/,
    );
    assert.equal(decision('total').root?.target, 'numbers');
  }));

test('of several earlier records the most similar one is compared with', () =>
  withToys(async (toys) => {
    await toys.run();
    toys.config.maps.one.times = 7;
    await toys.run();
    toys.config.maps.one.times = 1;
    toys.edit('helpers.ts', 'x * x', 'x * x + 1');
    const { decision } = await decisionsOf(toys);
    assert.deepEqual(
      decision('map[one]').causes.map(({ kind }) => kind),
      ['code'],
      'the code alone is new since the run with 1',
    );
  }));

const HASHES = { code: 'c', environment: {}, seed: null, share: { role: 'whole' } };
const made = (params: unknown, inputs: Record<string, string[]> = {}) => ({
  ingredients: {
    ...HASHES,
    params,
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([slot, all]) => [slot, all.map((hash) => ({ kind: 'json', hash }))]),
    ),
  } as unknown as KeyIngredients,
  code: {},
});
const causes = (before: ReturnType<typeof made>, now: ReturnType<typeof made>, inputs = {}) =>
  explain(before, now.ingredients, {}, { inputs } as Target).map((cause) => describeCause(cause));

test('items of a list go by their names, and a list of plain values is one value', () => {
  const pair = (x: string, y: string, metrics: string[]) => ({ x, y, metrics });
  assert.deepEqual(
    causes(
      made({ compare: [pair('umap', 'rank', ['a', 'b']), pair('umap', 'bins', ['a', 'c'])], k: [10, 30] }),
      made({ compare: [pair('umap', 'bins', ['a', 'd'])], k: [10, 50] }),
    ),
    [
      'compare[umap × rank]: {"x":"umap","y":"rank","metrics":["a","b"]} → (absent)',
      'compare[umap × bins].metrics: ["a","c"] → ["a","d"]',
      'k: [10,30] → [10,50]',
    ],
  );
  assert.deepEqual(causes(made([{ v: 1 }, { name: 'x', v: 2 }]), made([{ v: 1 }, { name: 'x', v: 3 }])), [
    '[x].v: 2 → 3',
  ]);
  assert.deepEqual(causes(made([{ name: 'x', v: 2 }]), made([])), ['[x]: {"name":"x","v":2} → (absent)']);
  assert.deepEqual(causes(made([]), made(['a'])), ['params: [] → ["a"]']);
  assert.deepEqual(causes(made([{ name: 'x' }, { name: 'x' }]), made([{ name: 'x' }])), [
    'params: [{"name":"x"},{"name":"x"}] → [{"name":"x"}]',
  ]);
});

test('of a table of settings only the lines that changed are told, each by its section and name', () => {
  const settings = (cells: string, ...more: object[]) => ({
    settings: [
      { section: 'dataset', name: 'cells', value: cells },
      { section: 'subset', name: 'cells', value: 'none' },
      ...more,
    ],
  });
  const seed = { section: 'run', name: 'seed', value: '0' };
  assert.deepEqual(causes(made(settings('400')), made(settings('500', seed))), [
    'settings[dataset.cells]: "400" → "500"',
    'settings[run.seed]: (absent) → "0"',
  ]);
});

test('a long value is cut, so that the other one is seen too', () => {
  const [cause] = explain(made({ genes: 'a'.repeat(200) }), made({ genes: 'b' }).ingredients, {}, {
    inputs: {},
  } as Target);
  assert.equal(describeCause(cause, { width: 10 }), 'genes: "aaaaaaaa… → "b"');
  assert.equal(describeCause(cause).length, 'genes: "" → "b"'.length + 200);
});

test('of a list of inputs, those are told that came, went or changed', () => {
  const from = (...targets: string[]) => ({ pairs: targets.map((target) => ({ from: 'artifact', target })) });
  const of = (...hashes: string[]) => made({}, { pairs: hashes });
  assert.deepEqual(causes(of('1', '2'), of('0', '1', '2'), from('s[new]', 's[a]', 's[b]')), [
    'pairs from s[new] was added',
  ]);
  assert.deepEqual(causes(of('1', '2'), of('2'), from('s[b]')), ['pairs: an input was removed']);
  assert.deepEqual(causes(of('1', '2'), of('1', '3'), from('s[a]', 's[b]')), ['pairs from s[b] changed']);
  assert.deepEqual(causes(of('1', '2'), of('2', '1'), from('s[b]', 's[a]')), ['pairs from s[b] changed']);
  assert.deepEqual(causes(of('1'), of('1'), from('s[a]')), []);
});
