/** Stores that are moved, that two projects have together, and that are only read. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type FlowEvent, openStore, run, verify } from '../../lib/flow/index.ts';
import { ToyProject } from './toy-project.ts';

async function withToys(body: (toys: ToyProject, home: string) => Promise<void>): Promise<void> {
  const toys = await ToyProject.create();
  const home = mkdtempSync(join(tmpdir(), 'rankloom-shared-'));
  try {
    await toys.run();
    await body(toys, home);
  } finally {
    toys.remove();
    rmSync(home, { recursive: true, force: true });
  }
}

/** Runs a project in another store. Which actions ran, and the hashes of what is published. */
async function runIn(toys: ToyProject, dir: string, shared?: string) {
  const events: FlowEvent[] = [];
  const store = openStore(dir, { shared });
  const result = await run(toys.graph(), store, { workers: 2, onEvent: (e) => events.push(e) });
  const { published } = JSON.parse(readFileSync(join(dir, 'latest', 'run.json'), 'utf8'));
  const hashes = Object.entries(published as Record<string, { hash: string }>);
  return {
    ...result,
    ran: events.filter(({ type }) => type === 'action-started').length,
    hashes: Object.fromEntries(hashes.map(([name, { hash }]) => [name, hash])),
  };
}

/** Names, sizes, modes and times of everything in a folder. */
function snapshot(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const { size, mode, mtimeMs, ino } = lstatSync(join(dir, name));
      return [name, size, mode, mtimeMs, ino].join(' ');
    });
}

test('a store that was moved, or copied, is the same store: nothing runs', () =>
  withToys(async (toys, home) => {
    const hashes = toys.hashes();
    const moved = join(home, 'moved');
    renameSync(join(toys.dir, 'artifacts'), moved);
    const there = await runIn(toys, moved);
    assert.deepEqual([there.ran, there.hashes], [0, hashes]);
    const copied = join(home, 'copied');
    cpSync(moved, copied, { recursive: true, dereference: true }); // also `latest` is a folder now
    assert.ok(statSync(join(copied, 'latest')).isDirectory());
    assert.deepEqual(
      (await verify(openStore(copied))).damage.filter(({ kind }) => kind !== 'permissions'),
      [],
    );
    assert.equal((await runIn(toys, copied)).ran, 0);
    toys.config.maps.one.times = 7;
    const more = await runIn(toys, copied);
    assert.equal(more.outcome, 'done');
    assert.ok(lstatSync(join(copied, 'latest')).isSymbolicLink());
  }));

test('a damaged copy under latest/ is found, removed and shown anew', () =>
  withToys(async (toys, home) => {
    const copied = join(home, 'copied');
    cpSync(join(toys.dir, 'artifacts'), copied, { recursive: true, verbatimSymlinks: true });
    const shown = join(copied, 'latest', 'total.json');
    const right = readFileSync(shown, 'utf8');
    chmodSync(shown, 0o644);
    writeFileSync(shown, '9', { flag: 'r+' });
    const damage = (await verify(openStore(copied))).damage.filter(({ kind }) => kind === 'copy');
    assert.equal(damage.length, 1);
    assert.equal((await runIn(toys, copied)).ran, 0);
    assert.equal(readFileSync(shown, 'utf8'), right);
  }));

test('two projects have one store together: what one made, the other finds', () =>
  withToys(async (toys, home) => {
    const dir = join(home, 'store');
    const other = await toys.cleanCopy();
    const first = await runIn(toys, dir);
    const second = await runIn(other, dir);
    other.remove();
    assert.ok(first.ran > 0);
    assert.deepEqual([second.ran, second.hashes], [0, first.hashes]);
  }));

test('what a shared store has is taken over and not made again; nothing is written there', () =>
  withToys(async (toys, home) => {
    const shared = join(toys.dir, 'artifacts');
    const hashes = toys.hashes();
    const before = snapshot(shared);
    const dir = join(home, 'own');
    toys.config.maps.three = { times: 3 };
    const { ran, outcome } = await runIn(toys, dir, shared);
    assert.equal(outcome, 'done');
    assert.equal(ran, 6, 'map[three] with its plan and parts, and total');
    assert.deepEqual(snapshot(shared), before);
    assert.deepEqual((await verify(openStore(dir))).damage, []);
    delete toys.config.maps.three;
    const alone = await runIn(toys, dir);
    assert.deepEqual([alone.ran > 0, alone.hashes], [true, hashes], 'what was not asked for was not taken');
    assert.deepEqual(snapshot(shared), before);
  }));

test('who only asks takes nothing over', () =>
  withToys(async (toys, home) => {
    const { decide } = await import('../../lib/flow/index.ts');
    const dir = join(home, 'own');
    const decisions = await decide(toys.graph(), openStore(dir, { shared: join(toys.dir, 'artifacts') }));
    assert.deepEqual(new Set(decisions.map(({ state }) => state)), new Set(['cached']));
    assert.deepEqual(readdirSync(home), []);
  }));

test('a damaged object of a shared store is not taken over', () =>
  withToys(async (toys, home) => {
    const shared = join(toys.dir, 'artifacts');
    const hashes = toys.hashes();
    for (const name of readdirSync(join(shared, 'objects'), { recursive: true, encoding: 'utf8' })) {
      if (!name.includes('/')) continue;
      chmodSync(join(shared, 'objects', name), 0o644);
      writeFileSync(join(shared, 'objects', name), '!', { flag: 'r+' });
    }
    const dir = join(home, 'own');
    const result = await runIn(toys, dir, shared);
    assert.deepEqual([result.outcome, result.hashes], ['done', hashes]);
    assert.deepEqual((await verify(openStore(dir))).damage, []);
  }));

test('a shared store that is not there, and a store behind a dead link, are said at once', () =>
  withToys(async (toys, home) => {
    await assert.rejects(
      runIn(toys, join(home, 'own'), join(home, 'nowhere')),
      /cannot read the shared store/,
    );
    symlinkSync(join(home, 'unmounted'), join(home, 'link'));
    await assert.rejects(runIn(toys, join(home, 'link')), /is a link to .*unmounted, which is not there/);
  }));
