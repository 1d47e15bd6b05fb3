/** How actions end that are told to: their signal, the processes that they started, and what they wait for. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { FlowEvent, RunOptions } from '../../lib/flow/index.ts';
import { ToyProject } from './toy-project.ts';

const FIRST_LINE = '// a comment in numbers';
const ANY_TIME = 60_000;

interface Ended {
  readonly outcome: string;
  readonly failed: readonly { readonly target: string; readonly error: { kind: string; message: string } }[];
  readonly events: readonly FlowEvent[];
  /** From the signal to the end of the run. */
  readonly tookMs: number;
}

/** Runs `numbers` with some code first, and kills the run as soon as a file is there or something is printed. */
async function killed(code: string, options: Partial<RunOptions> = {}): Promise<Ended> {
  const toys = await ToyProject.create([
    [
      'numbers.ts',
      'async run({ params, inputs, outputs }) {',
      'async run({ params, inputs, outputs, signal }) {',
    ],
    ['numbers.ts', FIRST_LINE, code],
    ['numbers.ts', "import { readFileSync } from 'node:fs';", IMPORTS],
  ]);
  const kill = new AbortController();
  let startMs = 0;
  try {
    const result = await toys.run({
      kill: kill.signal,
      ...options,
      watch: (event) => {
        if (event.type !== 'output' || event.text !== 'ready') return;
        startMs = performance.now();
        kill.abort();
      },
    });
    return { ...result, tookMs: performance.now() - startMs };
  } finally {
    toys.remove();
  }
}

const IMPORTS = `
  import { execFile, execFileSync, spawn } from 'node:child_process';
  import { readFileSync } from 'node:fs';
  import { promisify } from 'node:util';`;

/** The pids that were printed. */
const pidsOf = (events: readonly FlowEvent[]) =>
  events.flatMap((e) => (e.type === 'output' && /^pid \d+$/.test(e.text) ? [Number(e.text.slice(4))] : []));

/** A process of which only the exit code is left does nothing any more. */
function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    if (process.platform === 'linux') return false;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

for (const hermetic of [false, true]) {
  const where = hermetic ? 'process' : 'thread';

  test(`the signal of an action is aborted before its ${where} is ended, so that it can put things away`, async () => {
    const { outcome, events, tookMs } = await killed(
      `console.log('ready');
       await new Promise((done) => signal.addEventListener('abort', done));
       console.log('put away ' + signal.reason.name);
       throw signal.reason;`,
      { hermetic },
    );
    assert.equal(outcome, 'interrupted');
    assert.ok(events.some((e) => e.type === 'output' && e.text === 'put away AbortError'));
    assert.ok(events.some((e) => e.type === 'ending' && e.running === 1));
    assert.ok(tookMs < ANY_TIME);
  });

  test(`the signal is aborted as well when an action is over its time, in its ${where}`, async () => {
    const { failed, events } = await killed(
      `await new Promise((done) => signal.addEventListener('abort', done)); console.log('put away');
       await new Promise((done) => setTimeout(done, 60_000));`,
      { hermetic, limits: { timeoutMs: 5000 } },
    );
    assert.deepEqual(
      failed.map((f) => [f.target, f.error.kind]),
      [['numbers', 'limit']],
    );
    assert.ok(events.some((e) => e.type === 'output' && e.text === 'put away'));
  });

  test(`an action that heeds no signal is ended with its ${where}, asleep or busy`, async () => {
    for (const code of [
      'await new Promise((done) => setTimeout(done, 600_000));',
      'for (;;) {}',
      'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);',
    ]) {
      const { outcome, tookMs } = await killed(
        `console.log('ready'); setTimeout(() => {}, 0);
        await new Promise((done) => setTimeout(done, 50)); ${code}`,
        { hermetic },
      );
      assert.equal(outcome, 'interrupted');
      assert.ok(tookMs < ANY_TIME);
    }
  });
}

const WAITS: Record<string, string> = {
  'one that it awaits, with its own children': `
    const child = spawn('sh', ['-c', 'sleep 600 & echo pid $!; echo pid $$; echo ready; wait']);
    child.stdout.on('data', (text) => process.stdout.write(text));
    await new Promise((done) => child.on('close', done));`,
  'one in a session of its own, that nothing waits for': `
    const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    console.log('pid ' + child.pid); console.log('ready');
    await new Promise((done) => setTimeout(done, 600_000));`,
};

for (const [which, code] of Object.entries(WAITS)) {
  test(`with an action its processes are ended: ${which}`, async () => {
    const { outcome, events, tookMs } = await killed(code);
    assert.equal(outcome, 'interrupted');
    const pids = pidsOf(events);
    assert.ok(pids.length > 0);
    assert.deepEqual(pids.filter(isRunning), []);
    assert.ok(tookMs < ANY_TIME);
  });
}

test('code that waits for a process without returning is ended with it: by the signal, and over its time', async () => {
  for (const how of ['signal', 'time']) {
    const toys = await ToyProject.create([
      [
        'numbers.ts',
        FIRST_LINE,
        `execFileSync('sh', ['-c', 'echo $$ > "$0"; exec sleep 600', process.env.PID_FILE]);`,
      ],
      ['numbers.ts', "import { readFileSync } from 'node:fs';", IMPORTS],
    ]);
    const file = join(toys.dir, 'pid');
    process.env.PID_FILE = file;
    const kill = new AbortController();
    const looks = setInterval(() => {
      if (how === 'signal' && existsSync(file) && readFileSync(file, 'utf8').endsWith('\n')) kill.abort();
    }, 20);
    try {
      const limits = how === 'time' ? { timeoutMs: 6000 } : {};
      const { outcome, failed } = await toys.run({ kill: kill.signal, limits });
      assert.equal(outcome, how === 'signal' ? 'interrupted' : 'failed');
      assert.deepEqual(
        failed.map((f) => f.error.kind),
        how === 'signal' ? [] : ['limit'],
      );
      assert.equal(isRunning(Number(readFileSync(file, 'utf8'))), false);
    } finally {
      clearInterval(looks);
      delete process.env.PID_FILE;
      toys.remove();
    }
  }
});

test('a process that an action leaves behind does not outlive the run', async () => {
  const { outcome, events } = await killed(
    "console.log('pid ' + spawn('sleep', ['600'], { stdio: 'ignore' }).pid);",
  );
  assert.equal(outcome, 'done');
  const pids = pidsOf(events);
  assert.equal(pids.length, 1);
  assert.deepEqual(pids.filter(isRunning), []);
});

test('an interrupt ends the hashing of a large file, and it was told how far that was', async () => {
  const toys = await ToyProject.create();
  try {
    toys.config.file = join(toys.dir, 'large');
    writeFileSync(toys.config.file, '');
    truncateSync(toys.config.file, 64 * 2 ** 30);
    const drain = new AbortController();
    const { outcome, events, targetsRun } = await toys.run({
      drain: drain.signal,
      watch: (event) => event.type === 'hashing' && drain.abort(),
    });
    assert.equal(outcome, 'interrupted');
    assert.deepEqual(targetsRun, []);
    const told = events.flatMap((e) => (e.type === 'hashing' ? [e] : []));
    assert.equal(told[0].path, toys.config.file);
    assert.equal(told[0].total, 64 * 2 ** 30);
    assert.ok(told.every(({ done, total }) => done > 0 && done < total));
  } finally {
    toys.remove();
  }
});
