/**
 * The commit protocol, killed before calls to the file system, and refused room at them. Every third call by turns
 * (SEED chooses which); the long form, test/campaigns/faults.ts, takes every call, also of whole runs.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { randomSource } from '../../lib/flow/random.ts';
import { commitOnce } from './commit-once.ts';
import { forget, requireCommit, requireRecovery, toyArguments, withFault } from './crash-support.ts';
import { ToyProject } from './toy-project.ts';

const SEED = Number(process.env.SEED ?? 1);
let home = '';
let reference = '';
before(async () => {
  home = mkdtempSync(join(tmpdir(), 'rankloom-faults-'));
  reference = join(home, 'reference');
  await commitOnce(reference);
});
after(() => rmSync(home, { recursive: true }));

interface Call {
  readonly number: number;
  readonly call: string;
  readonly names: string[];
}

/** The calls of one commit, in their order. */
async function callsOfCommit(): Promise<Call[]> {
  const dir = join(home, 'watched');
  const log = join(home, 'log');
  const { code, output } = await withFault('./commit-once.ts', [dir], { dir, log });
  assert.equal(code, 0, output);
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  rmSync(log);
  rmSync(dir, { recursive: true });
  return lines.map((line) => JSON.parse(line));
}

test('killed before a call of a commit, the next one finds and leaves everything right', async () => {
  const calls = await callsOfCommit();
  assert.ok(calls.length > 60, `only ${calls.length} calls were seen`);
  const numbers = calls.map(({ number }) => number).filter((number) => number % 3 === SEED % 3);
  const worker = async () => {
    for (let at = numbers.shift(); at !== undefined; at = numbers.shift()) {
      const dir = join(home, `killed-${at}`);
      const { code, output } = await withFault('./commit-once.ts', [dir], { dir, at });
      assert.equal(code, null, `call ${at}: ${output}`);
      await commitOnce(dir);
      await requireCommit(dir, reference, `killed before call ${at}, ${calls[at - 1].call}`);
      rmSync(dir, { recursive: true });
    }
  };
  await Promise.all([worker(), worker()]);
});

test('refused room at some call of a commit, it says so, and goes through when there is room', async () => {
  const calls = await callsOfCommit();
  const takers = calls.filter(({ call }) => ['open', 'write', 'mkdir', 'link'].includes(call));
  const stream = randomSource(SEED, 'faults').stream('full');
  for (let i = 0; i < 3; i++) {
    const at = takers[stream.int(takers.length)].number;
    const dir = join(home, `full-${i}`);
    const { code, output } = await withFault('./commit-once.ts', [dir], { dir, at, kind: 'ENOSPC' });
    assert.equal(code, 1, `SEED=${SEED}, call ${at}`);
    assert.match(output, /ENOSPC/);
    await commitOnce(dir);
    await requireCommit(dir, reference, `SEED=${SEED}, full at call ${at}`);
  }
});

test('what a record names is durable before the record is', async () => {
  const calls = await callsOfCommit();
  const synced = new Set<string>();
  /** Names that came to be in a folder and are not synced there yet. */
  const pending = new Set<string>();
  let records = 0;
  for (const { call, names } of calls) {
    const to = names.at(-1)!;
    if (call === 'fsync') {
      synced.add(to);
      for (const name of pending) if (dirname(name) === to) pending.delete(name);
    }
    if (call === 'write' || call === 'open') synced.delete(to);
    if (call === 'mkdir' && /\/(objects|actions)\/..$/.test(to)) pending.add(to);
    if (call !== 'rename') continue;
    const isObject = /\/objects\/..\/[0-9a-f]{64}$/.test(to);
    const isRecord = /\/actions\/..\/[0-9a-f]{64}\.json$/.test(to);
    if (isObject || isRecord) {
      assert.ok(synced.has(names[0]), `${basename(to)} was renamed before its bytes were synced`);
      pending.add(to);
    }
    if (!isRecord) continue;
    records++;
    const loose = [...pending].filter((name) => name.includes('/objects/'));
    assert.deepEqual(loose, [], 'the record has its name before all objects have theirs for good');
  }
  assert.equal(records, 2);
  assert.deepEqual([...pending], [], 'the last word is a sync');
});

test('whole runs, killed at some calls, go on from there', async () => {
  const toys = await ToyProject.create();
  const reference = await toys.cleanCopy();
  await reference.run();
  const stream = randomSource(SEED, 'faults').stream('runs');
  for (let i = 0; i < 2; i++) {
    const at = 1 + stream.int(380);
    const dir = join(toys.dir, 'artifacts');
    const { code } = await withFault('./run-toys.ts', toyArguments(toys), { dir, at });
    assert.equal(code, null, `SEED=${SEED}, call ${at}`);
    await requireRecovery(toys, reference, `SEED=${SEED}, killed before call ${at}`);
    forget(toys);
  }
  toys.remove();
  reference.remove();
});
