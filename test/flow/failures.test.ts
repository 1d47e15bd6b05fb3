/** What becomes of a run whose stages fail, hang, grow or die: their action fails, and the others go on. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunOptions } from '../../lib/flow/index.ts';
import { ToyProject } from './toy-project.ts';

const FIRST_LINE = '// a comment in numbers';

type Edit = readonly [string, string, string];

/** `numbers` does something first. */
const numbersDoes = (code: string): Edit => ['numbers.ts', FIRST_LINE, code];
/** The parts of map[one] do something first; those of map[two] do not. */
const mapOneDoes = (code: string): Edit => [
  'map.ts',
  'async run({ inputs, params, part, outputs, random, progress, shared }) {',
  `async run({ inputs, params, part, outputs, random, progress, shared }) { if (params.times === 1) { ${code} }`,
];

async function runWith(edits: readonly Edit[], options: Partial<RunOptions> = {}, count = 25) {
  const toys = await ToyProject.create(edits);
  toys.config.count = count;
  try {
    return { ...(await toys.run(options)), dir: toys.dir };
  } finally {
    toys.remove();
  }
}

/** map[one] fails as told; map[two] is made all the same, and `total`, which needs both, is blocked. */
async function failsAlone(code: string, options: Partial<RunOptions> = {}) {
  const { failed, blocked, outcome, events } = await runWith([mapOneDoes(code)], {
    keepGoing: true,
    ...options,
  });
  assert.equal(outcome, 'failed');
  assert.deepEqual(
    failed.map((f) => f.target),
    ['map[one]'],
  );
  assert.deepEqual(blocked, ['total']);
  assert.ok(events.some((e) => e.type === 'target-finished' && e.target === 'map[two]'));
  return failed[0].error;
}

test('a stage that ends its process fails its action only', async () => {
  const error = await failsAlone('process.exit(3)');
  assert.match(error.message, /process\.exit\(3\) was called/);
  const hermetic = await failsAlone('process.exit(3)', { hermetic: true });
  assert.match(hermetic.message, /process died.*exit.*3/);
  for (const { kind, where } of [error, hermetic]) {
    assert.equal(kind, 'code');
    assert.match(where ?? '', /map\.ts:\d+:\d+$/);
  }
});

test('an exception that nobody waits for fails the action it came from', async () => {
  const error = await failsAlone(
    "setTimeout(() => { throw new Error('thrown aside'); }, 10); await new Promise((done) => setTimeout(done, 5000));",
  );
  assert.match(error.message, /thrown aside/);
});

test('a rejected promise that nobody waits for does too', async () => {
  const error = await failsAlone(
    "Promise.reject(new Error('left alone')); await new Promise((done) => setTimeout(done, 5000));",
  );
  assert.match(error.message, /left alone/);
});

test('an action over its time is ended, asleep or busy', async () => {
  const limits = { timeoutMs: 4000 };
  for (const code of ['await new Promise((done) => setTimeout(done, 60_000));', 'for (;;) {}']) {
    const error = await failsAlone(code, { limits });
    assert.equal(error.kind, 'limit');
    assert.match(error.message, /longer than its limit of 4 s/);
  }
});

test('an action over its memory is ended: heap, buffers, or a process', async () => {
  // A little at a time: V8 ends the whole process where one piece, an array that doubles say, is beyond what it still gives.
  const heap = 'let all; for (;;) all = { all };';
  const buffers = `const all = []; for (;;) {
    all.push(Buffer.alloc(8 << 20, 1));
    await new Promise((done) => setTimeout(done, 20));
    if (all.length > 500) break;
  }`;
  const cases = [
    [heap, 64, false],
    [buffers, 64, false],
    [buffers, 250, true], // a process has some 100 MB to begin with
  ] as const;
  for (const [code, megabytes, hermetic] of cases) {
    const error = await failsAlone(code, { limits: { memoryBytes: megabytes * 2 ** 20 }, hermetic });
    assert.equal(error.kind, 'limit', error.message);
    assert.ok(error.message.includes(`more memory than its limit of ${megabytes} MB`), error.message);
  }
});

test('without keep-going nothing new starts after a failure', async () => {
  const edits = [numbersDoes("throw new Error('no');")];
  const { failed, blocked, targetsRun } = await runWith(edits);
  assert.deepEqual(targetsRun, ['numbers']);
  assert.equal(failed.length, 1);
  assert.deepEqual(blocked, ['map[one]', 'map[two]', 'total']);
});

test('a stage caught giving other bytes for the same key is told by name, and the first are kept', async () => {
  const toys = await ToyProject.create();
  try {
    toys.edit('numbers.ts', 'undefined ? 0', 'undefined ? Number(process.hrtime.bigint() % 1_000_000_007n)');
    await toys.run();
    const before = toys.hashes();
    const { outcome, nondeterministic, events } = await toys.run({ force: new Set(['numbers']) });
    assert.equal(outcome, 'done');
    assert.deepEqual(nondeterministic, ['numbers']);
    assert.deepEqual(
      events.filter((e) => e.type === 'nondeterministic'),
      [{ type: 'nondeterministic', target: 'numbers', action: 'run', outputs: ['list'], kept: 'first' }],
    );
    assert.deepEqual(toys.hashes(), before);
    assert.deepEqual((await toys.run()).actionsRun, []);
    const log = readFileSync(join(toys.dir, 'artifacts/latest/run.json'), 'utf8');
    assert.ok(log.length > 0);
  } finally {
    toys.remove();
  }
});

test('a deterministic stage that is forced is not suspected', async () => {
  const toys = await ToyProject.create();
  try {
    await toys.run();
    const { nondeterministic } = await toys.run({ force: new Set(['numbers', 'map[two]']) });
    assert.deepEqual(nondeterministic, []);
  } finally {
    toys.remove();
  }
});
