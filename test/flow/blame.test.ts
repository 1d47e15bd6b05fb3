/** Whose an error is that nobody foresaw, and what is told of it, whatever was thrown. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toErrorInfo } from '../../lib/errors.ts';
import { foreignPlace } from '../../lib/flow/graph/stack-places.ts';
import { blame } from '../../lib/flow/workers/blame.ts';
import { ToyProject } from './toy-project.ts';

const LIB = new URL('../../lib/', import.meta.url).href;

function thrownAt(...places: string[]): Error {
  const error = new TypeError('no');
  error.stack = ['TypeError: no', ...places.map((place) => `    at f (${place})`)].join('\n');
  return error;
}

test('an error with a place in code that is not ours is of that code', () => {
  const error = thrownAt('node:fs:10:1', `${LIB}flow/worker.ts:1:2`, 'file:///home/a%20b/mine.ts:3:4');
  const { kind, message, where } = blame(error, []);
  assert.deepEqual([kind, message, where], ['code', 'TypeError: no', '/home/a b/mine.ts:3:4']);
});

test('an error with places in ours alone is a bug, also if other code was at work', () => {
  const error = thrownAt(`${LIB}flow/worker.ts:1:2`, 'node:internal/x:1:1');
  assert.equal(blame(error, []).kind, 'internal');
  const { kind, hint } = blame(error, ['/home/mine.ts']);
  assert.equal(kind, 'internal');
  assert.match(hint ?? '', /\/home\/mine\.ts was at work/);
});

test('without a place in ours it is of the code that was at work', () => {
  for (const error of [thrownAt('node:events:1:1'), thrownAt(), undefined, 'text']) {
    const { kind, where } = blame(error, ['/home/mine.ts']);
    assert.deepEqual([kind, where], ['code', '/home/mine.ts']);
  }
});

test('packages and paths with odd names', () => {
  const stack =
    'Error: x\n    at /home/p/node_modules/q/i.js:1:1\n    at async file:///home/p/%C3%A4%20(1)/m.ts:2:3';
  assert.equal(foreignPlace(stack), '/home/p/ä (1)/m.ts:2:3');
});

test('whatever is thrown can be told', () => {
  const circular: Record<string, unknown> = { a: 1 };
  circular.self = circular;
  const hostile = {
    toString() {
      throw new Error('never');
    },
    get message(): string {
      throw new Error('never');
    },
  };
  const poisoned = Object.defineProperty(new Error('x'), 'message', {
    get() {
      throw new Error('never');
    },
  });
  const odd = Object.assign(new Error('x'), { message: { a: 1 }, stack: 7, code: { toString: null } });
  const proxy = new Proxy(
    {},
    {
      get() {
        throw new Error('never');
      },
      getPrototypeOf() {
        throw new Error('never');
      },
    },
  );
  const all = [
    undefined,
    null,
    0,
    '',
    'text',
    Symbol('s'),
    circular,
    hostile,
    poisoned,
    odd,
    proxy,
    () => {},
  ];
  for (const thrown of all) {
    const info = toErrorInfo(thrown);
    assert.equal(typeof info.message, 'string');
    assert.notEqual(info.message, '');
    structuredClone(info);
  }
  assert.match(toErrorInfo(undefined).message, /undefined was thrown/);
  assert.match(toErrorInfo('text').message, /'text' was thrown/);
});

test('an import that fails is of the file that asked for it', () => {
  const hooks = `${LIB}flow/code/import-stage.ts:1:1`;
  const withMessage = (message: string) => Object.assign(thrownAt(hooks, 'node:internal/x:1:1'), { message });
  const missing = withMessage("Cannot find package 'x' imported from /home/mine.ts");
  const { kind, where } = blame(missing, []);
  assert.deepEqual([kind, where], ['code', '/home/mine.ts']);
  // Nothing says who asked: the code that was at work did.
  const unknown = blame(withMessage('Unknown file extension ".foo"'), ['/home/mine.ts']);
  assert.deepEqual([unknown.kind, unknown.where], ['code', '/home/mine.ts']);
  const ours = `${LIB.replace('file://', '')}flow/x.ts`;
  assert.equal(blame(withMessage(`Cannot find package 'x' imported from ${ours}`), []).kind, 'internal');
});

/** Runs with some code at the head of the parts of map[one], in one thread. */
async function withMapOne(code: string, hermetic = false) {
  const toys = await ToyProject.create([
    [
      'map.ts',
      'async run({ inputs, params, part, outputs, random, progress, shared }) {',
      `async run({ inputs, params, part, outputs, random, progress, shared }) { if (params.times === 1) { ${code} }`,
    ],
  ]);
  if (hermetic) toys.config.count = 10; // one part: every process takes some tenths of a second
  try {
    return await toys.run({ workers: 1, keepGoing: true, hermetic });
  } finally {
    toys.remove();
  }
}

for (const hermetic of [false, true]) {
  const mode = hermetic ? 'in a process' : 'in a thread';

  test(`values that are no errors, rejections unseen and signals to itself fail their target alone, ${mode}`, async () => {
    const cases = [
      ['throw undefined;', /undefined was thrown/],
      ["Promise.reject('unseen');", /'unseen' was thrown/],
      ["process.kill(process.pid, 'SIGKILL');", /would signal the run itself/],
      ['const f = () => f() + 1; f();', /Maximum call stack/],
      ["await import('nope-package');", /Cannot find package 'nope-package'/],
    ] as const;
    for (const [code, message] of hermetic ? cases.slice(1, 3) : cases) {
      const { failed, blocked, events } = await withMapOne(code, hermetic);
      assert.deepEqual(
        failed.map(({ target, error }) => [target, error.kind]),
        [['map[one]', 'code']],
      );
      assert.match(failed[0].error.message, message);
      assert.match(failed[0].error.where ?? '', /map\.ts/);
      assert.deepEqual(blocked, ['total']);
      assert.ok(events.some((e) => e.type === 'target-finished' && e.target === 'map[two]'));
    }
  });

  test(`what code prints is told line by line with its target, and not without limit, ${mode}`, async () => {
    const { outcome, events } = await withMapOne(
      `console.log('one\\ntwo'); console.error('three'); process.stdout.write('no end');
       if (part.start === 0) for (let i = 0; i < 100_000; i++) console.log(i === 0 ? '' : 'line ' + i);`,
      hermetic,
    );
    assert.equal(outcome, 'done');
    const lines = events.flatMap((e) => (e.type === 'output' ? [[e.target, e.text]] : []));
    for (const text of ['one', 'two', 'three', 'no end']) {
      assert.ok(
        lines.some((line) => line[0] === 'map[one]' && line[1] === text),
        text,
      );
    }
    assert.ok(lines.length < 12_000);
    assert.ok(lines.some(([, text]) => text.includes('is left out')));
  });

  test(`handles that are left open do not keep the run, ${mode}`, async () => {
    const { outcome } = await withMapOne('setInterval(() => {}, 1000);', hermetic);
    assert.equal(outcome, 'done');
  });
}

test('an error that comes after the end of its action is told of that target, and fails no other', async () => {
  const { outcome, events } = await withMapOne(
    `if (part.start === 0) {
       const timer = setInterval(() => {
         if (!globalThis.isNextAtWork) return;
         clearInterval(timer);
         globalThis.isThrown = true;
         throw new Error('too late');
       }, 5);
     } else {
       globalThis.isNextAtWork = true;
       while (!globalThis.isThrown) await new Promise((done) => setTimeout(done, 5));
     }`,
  );
  assert.equal(outcome, 'done');
  const warnings = events.flatMap((e) => (e.type === 'warning' ? [e.message] : []));
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /^map\[one\]: .*too late \(.*map\.ts:\d+:\d+\)/);
});

test('streams that all print to are not closed by an action', async () => {
  const { outcome } = await withMapOne(
    "const fs = await import('node:fs'); fs.closeSync(0); fs.closeSync(1); fs.closeSync(2); await new Promise((done) => fs.close(2, done));",
  );
  assert.equal(outcome, 'done');
  assert.doesNotThrow(() => process.stderr.write(''));
});
