/** What stages declare is refused when the graph is made, with the stage and the place, and never later. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { OperationalError } from '../../lib/errors.ts';
import { plainProblem } from '../../lib/flow/graph/plain.ts';
import {
  buildGraph,
  defineStage,
  from,
  fromFile,
  fromPath,
  output,
  pipeline,
  type Stage,
} from '../../lib/flow/index.ts';

const kind = (name: string, folder = false) => ({
  name,
  folder,
  input: (path: string) => ({ kind: name, path }),
  output: (path: string) => ({ path }),
});
const text = () => kind('text');

const stage = (over: Partial<Stage>): Stage =>
  defineStage({
    module: 'file:///study/stages/one.ts',
    name: 'one',
    about: '',
    params: () => ({}),
    inputs: () => ({}),
    outputs: { list: output(text()) },
    run: async () => {},
    ...over,
  }) as Stage;

const graphOf = (...stages: Partial<Stage>[]) =>
  buildGraph(
    stages.map((over, i) => stage({ name: `s${i}`, ...over })),
    {},
    { seed: 0, root: '/study' },
  );

function refusal(...stages: Partial<Stage>[]): OperationalError {
  try {
    graphOf(...stages);
  } catch (error) {
    assert.equal((error as OperationalError).kind, 'config', String(error));
    return error as OperationalError;
  }
  throw new assert.AssertionError({ message: 'nothing was refused' });
}

const published = (name: string, slot = 'list') => ({
  outputs: { [slot]: output(text(), { publish: name }) },
});

test('two outputs of one published name are refused with both, also where they differ by case or accents', () => {
  for (const [a, b] of [
    ['a.txt', 'a.txt'],
    ['a.txt', 'A.TXT'],
    ['caf\u00e9', 'cafe\u0301'],
    ['a', 'a/b'],
    ['a/b/c', 'A/B'],
    ['a/b', 'a'],
  ]) {
    const { message, where } = refusal(published(a), published(b, 'other'));
    assert.match(message, /s0\.list/, `${a} ${b}`);
    assert.match(message, /s1\.other/);
    assert.equal(where, '/study/stages/one.ts');
  }
  const twice = { outputs: { x: output(text(), { publish: 'n' }), y: output(text(), { publish: 'n' }) } };
  assert.match(refusal(twice).message, /s0\.x and s0\.y are published as "n"/);
  assert.doesNotThrow(() =>
    graphOf(published('a/b'), published('a/c'), published('ab'), published('a/b.txt')),
  );
});

test('instances that share a published name are told to have theirs in it', () => {
  const { message, hint } = refusal({ each: () => ['p', 'q'], ...published('a.txt') });
  assert.match(message, /s0\[p\]\.list and s0\[q\]\.list/);
  assert.match(hint!, /\[instance\]/);
  // The name of one instance may make another's output.
  const outputs = {
    big: output(text(), { publish: '[instance].txt' }),
    small: output(text(), { publish: '[instance].2d.txt', optional: true }),
  };
  assert.match(
    refusal({ each: () => ['a', 'a.2d'], outputs }).message,
    /s0\[a\]\.small and s0\[a\.2d\]\.big/,
  );
  const graph = graphOf({ each: () => ['$&'], ...published('[instance]/[instance].txt') });
  assert.equal(graph.targets.get('s0[$&]')!.publish[0].name, '$&/$&.txt');
});

test('published names that lead elsewhere, or to the record of the run, are refused', () => {
  const names = ['', '/a', '../a', 'a/../b', './a', 'a//b', 'a/', 'a\\b', 'a\u0000b', 'a\nb', 'run.json'];
  for (const name of [...names, 'RUN.JSON', 'run.json/a', 'a'.repeat(256)]) {
    assert.match(refusal(published(name)).message, /s0\.list is published as/, JSON.stringify(name));
  }
  const inInstance = { each: () => ['..'], ...published('[instance]') };
  assert.match(refusal(inInstance).message, /s0 has an instance named "\.\."/);
});

test('instances without a name of their own are refused', () => {
  for (const names of [
    ['a', 'a'],
    ['a/b'],
    ['a]'],
    ['['],
    [''],
    ['', 'a'],
    [' a'],
    ['a\n'],
    ['..'],
    [7],
    'ab',
  ]) {
    const isAlone = JSON.stringify(names) === '[""]';
    if (isAlone) assert.doesNotThrow(() => graphOf({ each: () => [''] }));
    else assert.match(refusal({ each: () => names as string[] }).message, /^stage s0/, JSON.stringify(names));
  }
});

test('stages and outputs that cannot be referred to are refused', () => {
  assert.match(refusal({ name: 'x' }, { name: 'x' }).message, /two stages are named "x"/);
  assert.match(refusal({ name: 'a.b' }).message, /named "a\.b"/);
  assert.match(refusal({ outputs: { '../x': output(text()) } }).message, /output named/);
  const parts = { outputs: { 'a/b': output(text()) }, plan: async () => [], run: async () => {} };
  assert.match(refusal({ parts }).message, /output named "a\/b"/);
  assert.match(refusal({ environment: { v: 1 as unknown as string } }).message, /environment\.v/);
});

class Point {
  x = 1;
}
const cyclic: { self?: unknown } = {};
cyclic.self = { cyclic };
// biome-ignore lint/suspicious/noSparseArray: that is what is refused
const sparse = [1, , 3];
const withProperty = Object.assign([1], { more: 2 });
const getter = {
  get now() {
    return 1;
  },
};
const deep = Array.from({ length: 600 }).reduce((inside: unknown) => [inside], 0);

test('params that are not plain data are refused with instance and path', () => {
  const cases: [unknown, string, RegExp][] = [
    [{ at: new Date(0) }, 'params.at', /instance of Date/],
    [{ m: [{ x: new Map() }] }, 'params.m[0].x', /instance of Map/],
    [{ m: new Set() }, 'params.m', /instance of Set/],
    [{ m: new Float32Array(2) }, 'params.m', /Float32Array/],
    [{ p: new Point() }, 'params.p', /instance of Point/],
    [{ f: () => 1 }, 'params.f', /function/],
    [{ r: /x/ }, 'params.r', /RegExp/],
    [{ n: Number.NaN }, 'params.n', /NaN/],
    [{ n: -Infinity }, 'params.n', /-Infinity/],
    [{ n: [1, -0] }, 'params.n[1]', /−0/],
    [{ n: 1n }, 'params.n', /bigint/],
    [{ s: Symbol('s') }, 'params.s', /symbol/],
    [{ [Symbol('key')]: 1 }, 'params', /named by a symbol/],
    [{ a: [undefined] }, 'params.a[0]', /undefined/],
    [{ a: sparse }, 'params.a[1]', /hole/],
    [{ a: withProperty }, 'params.a', /array with properties/],
    [{ a: cyclic }, 'params.a.self.cyclic', /contains itself/],
    [{ a: deep }, '[0]', /500 deep/],
    [{ a: getter }, 'params.a.now', /getter/],
    [{ a: Object.defineProperty({}, 'hidden', { value: 1 }) }, 'params.a.hidden', /not enumerable/],
    [{ a: '\ud800' }, 'params.a', /surrogate/],
    [{ '\ud800': 1 }, 'params', /surrogate/],
    [{ a: Object.create({ b: 1 }) }, 'params.a', /instance of/],
    [Promise.resolve({}), 'params', /Promise/],
    [undefined, 'params', /undefined/],
    [[new Date(0)], 'params[0]', /Date/],
  ];
  for (const [params, path, found] of cases) {
    const { message } = refusal({ each: () => ['i'], params: () => params as never });
    assert.ok(message.startsWith('s0[i]: params'), message);
    assert.ok(message.includes(path), `${message} should name ${path}`);
    assert.match(message, found);
  }
});

test('plain data are let through, shared parts and absent properties too', () => {
  const shared = { a: 1 };
  for (const value of [null, true, 0, 'é', [], {}, [shared, shared], { a: undefined, b: [[null]] }]) {
    assert.equal(plainProblem(value), undefined);
  }
  assert.equal(plainProblem(Object.assign(Object.create(null), { a: 1 })), undefined);
});

test('an input that nothing writes is refused with its slot', () => {
  const reads = (declaration: unknown) => ({ inputs: () => ({ list: declaration as never }) });
  const writer = {
    name: 'writer',
    each: () => ['a'],
    outputs: { list: output(text()), tree: output(kind('tree', true)) },
  };
  const of = (declaration: unknown) => refusal(writer, reads(declaration));
  const cases: [unknown, RegExp, RegExp?][] = [
    [from('writr[a].list', text()), /there is no stage writr/, /writer/],
    [from('writer[a].lst', text()), /stage writer does not write/, /list/],
    [from('writer[a].constructor', text()), /does not write/],
    [from('writer[b].list', text()), /needs writer\[b\], which the config does not define/, /writer\[a\]/],
    [from('writer.list', text()), /needs writer, which/],
    [from('writer', text()), /reads "writer"/],
    [from('', text()), /reads ""/],
    [from('writer[a].list', kind('other')), /cannot read writer\[a\]\.list: it is a text/],
    [from('writer[a].list'), /cannot read/],
    [from('writer[a].tree', kind('tree')), /cannot read writer\[a\]\.tree/],
    ['writer[a].list', /neither an output of a stage nor a file/],
    [{ from: 'file' }, /neither/],
    [null, /neither/],
    [[from('writer[a].list', text()), from('nobody.x', text())], /there is no stage nobody/],
  ];
  for (const [declaration, expected, hint] of cases) {
    const error = of(declaration);
    assert.match(error.message, expected);
    assert.match(error.message, /s1 \(input list\)/);
    if (hint !== undefined) assert.match(error.hint!, hint);
  }
  assert.doesNotThrow(() => graphOf(writer, reads(from('writer[a].list', kind('x'), text()))));
  assert.doesNotThrow(() => graphOf(writer, reads(fromFile('a.txt'))));
});

test('targets that depend on each other are refused with the circle', () => {
  const reads = (ref: string) => ({ inputs: () => ({ x: from(ref, text()) }) });
  assert.match(refusal(reads('s1.list'), reads('s0.list')).message, /circle: s0 → s1 → s0/);
  assert.match(refusal(reads('s0.list')).message, /circle: s0 → s0/);
});

test('an output that may be missing can be read of the instances that write it, and of no other', () => {
  const optional = (_: never, instance: string) => instance !== 'a';
  const writer = { name: 'writer', each: () => ['a', 'b'], outputs: { list: output(text(), { optional }) } };
  const reads = (ref: string) => ({ inputs: () => ({ x: from(ref, text()) }) });
  assert.doesNotThrow(() => graphOf(writer, reads('writer[a].list')));
  const { message } = refusal(writer, reads('writer[b].list'));
  assert.match(message, /s1 \(input x\) reads writer\[b\]\.list, which writer\[b\] may leave unwritten/);
  const always = { name: 'writer', outputs: { list: output(text(), { optional: true }) } };
  assert.match(refusal(always, reads('writer.list')).message, /may leave unwritten/);
});

test('each refusal names file and line of what is wrong in the stage', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'flow-places-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'one.ts');
  const source = `export default defineStage({
  module: import.meta.url,
  name: 's0',
  each: () => [],
  params(config) {
    return {};
  },
  environment: {},
  inputs: () => ({ first: a, second: b }),
  outputs: {
    list: output(text()),
    tree: output(files(), { publish: 'x' }),
  },
});
`;
  writeFileSync(file, source);
  const module = pathToFileURL(file).href;
  const lineOf = (part: string) => source.slice(0, source.indexOf(part)).split('\n').length;
  const reads = (slot: string, ref: string, as = kind('text')) => ({
    inputs: () => ({ [slot]: from(ref, as) }),
  });
  const cases: [Partial<Stage>, string][] = [
    [{ each: () => ['a', 'a'] }, 'each:'],
    [{ each: () => ['a/b'] }, 'each:'],
    [{ params: () => ({ at: new Date(0) }) as never }, 'params('],
    [{ environment: { v: 1 as unknown as string } }, 'environment:'],
    [reads('first', 'nobody.list'), 'first:'],
    [reads('second', 's1.lists'), 'second:'],
    [reads('second', 's1[x].list'), 'second:'],
    [reads('first', 's1.list', kind('other')), 'first:'],
    [{ outputs: { tree: output(text(), { publish: '../x' }) } }, 'tree:'],
    [
      { outputs: { list: output(text(), { publish: 'a' }), tree: output(text(), { publish: 'A' }) } },
      'tree:',
    ],
    [{ outputs: { 'a b': output(text()) } }, 'outputs:'],
    [{ name: 's1' }, 's1'],
  ];
  for (const [over, part] of cases) {
    const { where, expected } = refusal({ module, ...over }, { name: 's1' });
    // Of two of one name, the second is refused, and the first is told beside it.
    if (over.name === 's1') assert.equal(expected?.includes(file), true);
    else assert.equal(where, `${file}:${lineOf(part)}`, JSON.stringify(over));
  }
});

test('what a function of a stage throws is told as a mistake of the stage, with its place', () => {
  const fail = () => {
    throw new RangeError('no such thing');
  };
  const cases: [keyof Stage, RegExp][] = [
    ['each', /^stage s0: each\(\) failed: no such thing/],
    ['params', /^s0: params\(\) failed: no such thing/],
    ['inputs', /^s0: inputs\(\) failed/],
    ['code', /^s0: code\(\) failed/],
    ['random', /^s0: random\(\) failed/],
  ];
  for (const [property, expected] of cases) {
    const { message, where } = refusal({ module: import.meta.url, [property]: fail });
    assert.match(message, expected);
    assert.match(where!, /declarations\.test\.ts:\d+:\d+$/);
  }
});

const no = () => {
  throw new RangeError('no such thing');
};
const closed = new Proxy({}, { get: no, ownKeys: no, getPrototypeOf: no });

test('whatever a function of a stage throws or gives, it is a mistake of the stage', () => {
  const wrong = <T>(value: unknown) => (() => value) as () => T;
  const cases: [over: Partial<Stage>, expected: RegExp][] = [
    [{ params: () => closed as never }, /^s0: params is a proxy/],
    [{ params: wrong(new Proxy({ a: 1 }, {})) }, /^s0: params is a proxy/],
    [{ each: wrong([1n]) }, /^stage s0 has an instance named 1n: no text/],
    [{ each: wrong(closed) }, /^stage s0: each\(\)/],
    [{ each: wrong(Promise.reject(new Error('late'))) }, /^stage s0: each\(\) gives Promise/],
    [{ inputs: wrong(null) }, /^s0: inputs\(\) gives null/],
    [{ inputs: wrong([]) }, /^s0: inputs\(\) gives \[\]/],
    [{ inputs: wrong(Promise.resolve({})) }, /^s0: inputs\(\) gives Promise/],
    [{ inputs: wrong({ list: from('s1.list', null as never) }) }, /^s0 \(input list\) is read as null/],
    [{ inputs: wrong({ list: from(5 as never) }) }, /^s0 \(input list\) is neither/],
    [{ inputs: wrong({ list: closed }) }, /^s0: inputs\(\) failed: no such thing/],
    [{ code: wrong(5) }, /^s0: code\(\) gives 5/],
    [{ code: wrong([5]) }, /^s0: code\(\) gives \[ 5 \]/],
    [{ code: wrong(['a\0b']) }, /^s0: code\(\) gives/],
    [{ code: wrong(['file://host/x']) }, /^s0: code\(\) failed/],
    [{ random: wrong('yes') }, /^s0: random\(\) gives 'yes'/],
    [{ cores: wrong(4) }, /^s0: cores\(\) gives 4/],
    [{ cores: no }, /^s0: cores\(\) failed/],
    [{ environment: (() => ({})) as never }, /^s0: environment is \[Function/],
    [{ environment: { tool: '\ud800' } }, /^s0: environment\.tool is no text/],
    [{ environment: closed }, /^s0: environment cannot be used: no such thing/],
    [published(5 as never), /^s0\.list is published as 5: no text/],
    [published(Symbol('s') as never), /^s0\.list is published as Symbol\(s\): no text/],
    [{ outputs: { list: output(text(), { publish: no }) } }, /^s0: outputs\.list\.publish\(\) failed/],
    [{ outputs: { list: output(text(), { publish: () => 1n as never }) } }, /published as 1n: no text/],
    [{ outputs: { list: output(text(), { optional: 5 as never }) } }, /outputs\.list\.optional gives 5/],
    [{ outputs: { list: output(text(), { optional: no }) } }, /outputs\.list\.optional\(\) failed/],
  ];
  for (const [over, expected] of cases) assert.match(refusal(over, {}).message, expected);
  for (const thrown of [null, undefined, 5, Symbol('s'), closed]) {
    const params = () => {
      throw thrown;
    };
    const { message, where } = refusal({ params });
    assert.match(message, /^s0: params\(\) failed: .* was thrown, which is no error/);
    assert.equal(where, '/study/stages/one.ts');
  }
});

test('a stage that comes with the framework keeps its errors', () => {
  const module = new URL('../../lib/flow/none.ts', import.meta.url).href;
  assert.throws(() => graphOf({ module, params: no }), RangeError);
});

test('what a check of a folder throws is a mistake of the stage', async () => {
  const inputs = () => ({ list: fromPath('/', { checkFolder: () => Promise.reject(null) }) });
  const source = graphOf({ inputs }).targets.get('s0')!.external[0];
  assert.equal(source.from, 'folder');
  const check = (source as { check?: (path: string) => Promise<void> }).check!;
  await assert.rejects(check('/'), { kind: 'config', message: /^s0 \(input list\): checkFolder\(\) failed/ });
});

test('what a schema throws is a mistake of the stage that owns the key', () => {
  const { check } = pipeline([
    stage({ config: { ring: z.any().transform(no) } }),
    stage({ name: 'two', config: { size: z.number().default(1) } }),
  ]);
  assert.throws(() => check({ ring: 1 }), {
    kind: 'config',
    message: 'stage one: config.ring cannot be used: no such thing',
  });
});

test('problems that a check finds are problems, or the check is refused', () => {
  for (const found of [5, [null], [{ path: 5, message: 'm' }], [{ path: ['a'], message: null }]]) {
    const { check } = pipeline([stage({ check: () => found as never })]);
    assert.throws(() => check({}), { kind: 'config', message: /^stage one: check\(\) gives / });
  }
  assert.deepEqual(pipeline([stage({ check: () => null as never })]).check({}), []);
});

test('what is no stage is refused, with what it lacks', () => {
  const plans = { outputs: {}, plan: async () => [], run: async () => {} };
  const cases: [unknown, RegExp][] = [
    [null, /number 1 of the pipeline is not a stage: it is null/],
    [{}, /it lacks name/],
    [{ name: 'a' }, /stage "a" is not a stage: it lacks module/],
    [stage({ run: 'x' as never }), /it lacks run, a function/],
    [stage({ each: [] as never }), /each is no function/],
    [stage({ outputs: undefined as never }), /it lacks outputs/],
    [stage({ outputs: { list: {} as never } }), /outputs\.list is not made with output\(kind\)/],
    [stage({ config: { size: 'number' as never } }), /config\.size is no zod schema/],
    [stage({ parts: { outputs: {} } as never }), /it lacks parts\.plan/],
    [stage({ parts: (() => {}) as never }), /parts is no object/],
    [stage({ parts: { ...plans, rounds: 'two' } as never }), /parts\.rounds is no whole number/],
    [stage({ needs: (() => 5) as never }), /needs is no object/],
    [stage({ needs: {} as never }), /it lacks needs\.memory/],
    [stage({ names: null as never }), /names is no object of texts/],
    [stage({ externals: [5] as never }), /externals is no list of texts/],
    [stage({ random: 5 as never }), /random is neither true nor false nor a function/],
    [stage({ references: { a: 5 } as never }), /it lacks references\.a\.keys/],
    [stage({ config: { size: { safeParse() {} } as never } }), /config\.size is no zod schema/],
    [closed, /stage number 1 of the pipeline cannot be read: no such thing/],
    [Object.defineProperty(stage({}), 'outputs', { get: no }), /cannot be read: no such thing/],
  ];
  for (const [value, expected] of cases) {
    assert.throws(
      () => buildGraph([value as Stage], {}, { seed: 0, root: '/study' }),
      (error: OperationalError) => {
        assert.equal(error.kind, 'config');
        assert.match(error.message, expected);
        return true;
      },
    );
  }
});
