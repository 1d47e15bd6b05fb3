import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gc, openStore, verify } from '../../lib/flow/index.ts';
import { ToyProject } from './toy-project.ts';

async function withToys(body: (toys: ToyProject) => Promise<void>): Promise<void> {
  const toys = await ToyProject.create();
  try {
    await body(toys);
  } finally {
    toys.remove();
  }
}

/** Every object and record of a store. */
const objectsOf = (toys: ToyProject, kind = 'objects') =>
  readdirSync(join(toys.dir, 'artifacts', kind), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.includes('/'))
    .sort();

test('a place that cannot hold a store is said at once', async () => {
  const places = ['/proc/store', '/dev/null/store'];
  for (const dir of places) {
    assert.throws(
      () => openStore(dir).prepare(),
      (e: Error & { kind?: string }) => e.kind === 'store' && e.message.includes(dir),
    );
  }
});

test('a store as a run left it is whole', () =>
  withToys(async (toys) => {
    await toys.run();
    const { objects, records, damage } = await verify(toys.store);
    assert.ok(objects > 5 && records > 5);
    assert.deepEqual(damage, []);
  }));

const damages: Record<string, (path: string) => void> = {
  'a flipped bit': (path) => {
    chmodSync(path, 0o644);
    writeFileSync(path, '!', { flag: 'r+' });
  },
  truncated: (path) => {
    chmodSync(path, 0o644);
    truncateSync(path, 1);
  },
  emptied: (path) => {
    chmodSync(path, 0o644);
    truncateSync(path, 0);
  },
  deleted: (path) => rmSync(path),
  unreadable: (path) => chmodSync(path, 0o000),
  writable: (path) => chmodSync(path, 0o666),
  'replaced by a folder': (path) => {
    rmSync(path);
    mkdirSync(path);
  },
  'replaced by a dead link': (path) => {
    rmSync(path);
    symlinkSync('/nowhere', path);
  },
};

for (const [name, harm] of Object.entries(damages)) {
  test(`each object ${name}: verify finds it, and the next run has the right bytes again`, () =>
    withToys(async (toys) => {
      await toys.run();
      const before = toys.hashes();
      for (const object of objectsOf(toys)) {
        // Parts of a finished target are not needed, and are not made again.
        if (!existsSync(join(toys.dir, 'artifacts', 'objects', object))) continue;
        const path = join(toys.dir, 'artifacts', 'objects', object);
        harm(path);
        const { damage } = await verify(toys.store);
        assert.equal(damage.length, 1, `${object}: ${JSON.stringify(damage)}`);
        const [found] = damage;
        assert.ok('hash' in found && object.endsWith(found.hash), 'it is named');
        assert.ok(found.usedBy.length > 0, 'who needs it is named');
        assert.equal((await toys.run()).outcome, 'done');
        assert.deepEqual(toys.hashes(), before);
      }
    }));
}

test('a record that is no record is found, put aside and made again', () =>
  withToys(async (toys) => {
    await toys.run();
    const before = toys.hashes();
    const [record] = objectsOf(toys, 'actions');
    const path = join(toys.dir, 'artifacts', 'actions', record);
    writeFileSync(path, '{"key":');
    const { damage } = await verify(toys.store, { dryRun: true });
    assert.deepEqual(
      damage.map((d) => d.kind),
      ['record'],
    );
    assert.ok(existsSync(path), 'a dry run moves nothing');
    await verify(toys.store);
    assert.ok(!existsSync(path));
    assert.equal((await toys.run()).outcome, 'done');
    assert.deepEqual(toys.hashes(), before);
  }));

test('collecting drops what only dropped runs used, and nothing that is in use', () =>
  withToys(async (toys) => {
    for (const times of [1, 2, 3, 4]) {
      toys.config.maps.one.times = times;
      await toys.run();
    }
    const before = toys.hashes();
    const all = objectsOf(toys).length;
    const planned = await gc(toys.store, { keepRuns: 1, keepDays: 0, dryRun: true });
    assert.equal(objectsOf(toys).length, all, 'a dry run removes nothing');
    const done = await gc(toys.store, { keepRuns: 1, keepDays: 0 });
    assert.deepEqual(done, planned);
    assert.ok(done.objects > 0 && done.runs.length === 3);
    assert.equal(objectsOf(toys).length, all - done.objects);
    assert.deepEqual((await verify(toys.store)).damage, []);
    assert.deepEqual((await toys.run()).actionsRun, [], 'what is in use is there');
    assert.deepEqual(toys.hashes(), before);
    toys.config.maps.one.times = 1;
    assert.deepEqual((await toys.run()).targetsRun, ['map[one]', 'total'], 'what went is made again');
  }));

test('young records stay, so that an unfinished target keeps its parts', () =>
  withToys(async (toys) => {
    await toys.run();
    assert.equal((await gc(toys.store, { keepRuns: 0, keepDays: 1 })).records, 0);
  }));

test('collecting is refused while a run is at work', () =>
  withToys(async (toys) => {
    await toys.run();
    const owner = { pid: process.pid, startTime: '', boot: '', host: `not ${hostname()}` };
    writeFileSync(join(toys.dir, 'artifacts', 'locks', 'x.lock'), JSON.stringify(owner));
    await assert.rejects(gc(toys.store), /a run is at work/);
  }));

test('a flipped bit in a record is found by whoever reads it', () =>
  withToys(async (toys) => {
    await toys.run();
    const before = toys.hashes();
    for (const record of objectsOf(toys, 'actions')) {
      const path = join(toys.dir, 'artifacts', 'actions', record);
      const text = readFileSync(path, 'utf8');
      if (!text.includes('"kind": "json"')) continue;
      writeFileSync(path, text.replace('"kind": "json"', '"kind": "jsoo"'));
    }
    const { events, outcome } = await toys.run();
    assert.equal(outcome, 'done');
    assert.ok(events.some((e) => e.type === 'warning' && /does not have the sum/.test(e.message)));
    assert.deepEqual(toys.hashes(), before);
    assert.deepEqual((await verify(toys.store)).damage, []);
  }));

test('a record of another schema is a miss that says so, and no damage', () =>
  withToys(async (toys) => {
    await toys.run();
    const [record] = objectsOf(toys, 'actions');
    const path = join(toys.dir, 'artifacts', 'actions', record);
    const key = record.slice(3, -5);
    writeFileSync(path, JSON.stringify({ schema: 99, key }));
    const found = toys.store.lookup(key as Parameters<typeof toys.store.lookup>[0]);
    assert.equal(found.state, 'miss');
    assert.match((found as { detail: string }).detail, /of schema 99/);
    assert.deepEqual(
      (await verify(toys.store)).damage.filter(({ kind }) => kind === 'record'),
      [],
    );
  }));

test('what is put aside says what was wrong, and is not shown under latest/ any more', () =>
  withToys(async (toys) => {
    await toys.run();
    const home = join(toys.dir, 'artifacts');
    const hash = toys.hashes()['total.json'];
    const path = join(home, 'objects', hash.slice(0, 2), hash);
    damages['a flipped bit'](path);
    await verify(toys.store);
    assert.ok(!existsSync(join(home, 'latest', 'total.json')), 'it is the same file');
    const notes = readdirSync(join(home, 'quarantine')).filter((name) => name.endsWith('.why.json'));
    const read = (name: string) => JSON.parse(readFileSync(join(home, 'quarantine', name), 'utf8'));
    const note = notes.map(read).find(({ was }) => was.startsWith('objects'));
    assert.match(note.detail, /its content has the hash/);
    assert.deepEqual(note.usedBy, ['total']);
    await toys.run();
    assert.equal(toys.hashes()['total.json'], hash);
    assert.deepEqual((await verify(toys.store)).damage, []);
  }));

test('bytes that are made again never give way to damaged ones that lie there', () =>
  withToys(async (toys) => {
    await toys.run();
    const hash = toys.hashes()['total.json'];
    const path = join(toys.dir, 'artifacts', 'objects', hash.slice(0, 2), hash);
    damages['a flipped bit'](path);
    rmSync(join(toys.dir, 'artifacts', 'actions'), { recursive: true });
    await toys.run();
    assert.deepEqual((await verify(toys.store)).damage, []);
    assert.equal(toys.hashes()['total.json'], hash);
  }));
