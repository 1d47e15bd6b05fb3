/** What this user may not read or write: told with whose it is and what to do, and never taken for damage. Needs root. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type ToyProject, withToys } from './toy-project.ts';

const SOMEBODY = 65534;
const program = fileURLToPath(new URL('./as-somebody.ts', import.meta.url));
const isRoot = process.getuid?.() === 0;
const why = isRoot ? false : 'needs root';

/** Gives a folder, with all in it, to a user. */
function giveTo(user: number, folder: string): void {
  lchownSync(folder, user, user);
  if (!lstatSync(folder).isDirectory()) return;
  for (const name of readdirSync(folder)) giveTo(user, join(folder, name));
}

interface Said {
  readonly outcome: string;
  readonly ran: number;
  readonly kind?: string;
  readonly message: string;
  readonly hint?: string;
  readonly where?: string;
  readonly warnings: readonly string[];
  readonly damage: readonly { readonly kind: string; readonly detail: string }[];
}

/** Does something with the project's store as a user who is nobody in particular. */
function somebody(toys: ToyProject, what: 'run' | 'gc' | 'verify', shared = ''): Said {
  chmodSync(toys.dir, 0o755);
  chmodSync(dirname(toys.dir), 0o711); // where the tests have their files
  const config = JSON.stringify(toys.config);
  const made = spawnSync(process.execPath, [program, toys.dir, what, config, shared], {
    encoding: 'utf8',
    env: { ...process.env, SOMEBODY: String(SOMEBODY) },
  });
  assert.equal(made.stderr, '');
  return JSON.parse(made.stdout);
}

test('data that may not be read are a data error that says whose they are', { skip: why }, () =>
  withToys(async (toys) => {
    giveTo(SOMEBODY, toys.dir);
    for (const name of ['secret.txt', 'closed/secret.txt']) {
      mkdirSync(join(toys.dir, 'closed'), { recursive: true, mode: 0o700 });
      writeFileSync(join(toys.dir, name), '1', { mode: 0o600 });
      toys.config.file = name;
      const { outcome, kind, message, hint } = somebody(toys, 'run');
      assert.equal(outcome, 'refused');
      assert.equal(kind, 'data');
      assert.match(
        message,
        /no permission .* it belongs to root, its mode is [67]00, and this process is nobody/,
      );
      assert.ok(message.includes(name === 'secret.txt' ? name : 'closed'));
      assert.match(hint!, /chmod/);
    }
  }),
);

test('a store that partly belongs to another is refused before the work', { skip: why }, () =>
  withToys(async (toys, home) => {
    giveTo(SOMEBODY, toys.dir);
    assert.equal(somebody(toys, 'run').outcome, 'done');
    const shards = readdirSync(join(home, 'objects')).map((name) => join(home, 'objects', name));
    for (const shard of shards.slice(0, 3)) giveTo(0, shard);
    toys.config.maps.one.times = 99;
    const before = readdirSync(join(home, 'actions'), { recursive: true }).length;
    const { outcome, kind, message, hint } = somebody(toys, 'run');
    assert.deepEqual([outcome, kind], ['refused', 'store']);
    assert.match(message, /no permission to write to .*it belongs to root, its mode is 755/);
    assert.match(hint!, /chown|chmod/);
    assert.equal(readdirSync(join(home, 'actions'), { recursive: true }).length, before);

    const runs = readdirSync(join(home, 'runs'));
    const collected = somebody(toys, 'gc');
    assert.deepEqual([collected.outcome, collected.kind], ['refused', 'store']);
    assert.match(collected.message, /no permission to remove anything from .*it belongs to root/);
    assert.deepEqual(readdirSync(join(home, 'runs')), runs, 'nothing was removed');
  }),
);

test('a store of another is read where it may be, and not written', { skip: why }, () =>
  withToys(async (toys) => {
    await toys.run();
    const { outcome, kind, message } = somebody(toys, 'run');
    assert.deepEqual([outcome, kind], ['refused', 'store']);
    assert.match(message, /cannot write to the store .*it belongs to root/);
    const { outcome: verified, damage } = somebody(toys, 'verify');
    assert.deepEqual([verified, damage], ['done', []]);
  }),
);

test(
  'verify tells what it may not read from what is damaged, and moves neither it nor its record',
  { skip: why },
  () =>
    withToys(async (toys, home) => {
      await toys.run();
      giveTo(SOMEBODY, toys.dir);
      const [object] = Object.values(toys.hashes());
      const path = join(home, 'objects', object.slice(0, 2), object);
      chownSync(path, 0, 0);
      chmodSync(path, 0o400);
      const { damage } = somebody(toys, 'verify');
      assert.deepEqual([...new Set(damage.map(({ kind }) => kind))], ['closed']);
      assert.match(damage[0].detail, /it belongs to root, its mode is 400/);
      assert.ok(existsSync(path) && !existsSync(join(home, 'quarantine')));
      const { outcome, kind } = somebody(toys, 'run');
      assert.notEqual(outcome, 'done');
      assert.equal(kind, 'store');
      chmodSync(path, 0o444);
      assert.deepEqual(somebody(toys, 'run').ran, 0, 'nothing was lost');
    }),
);

test('what a shared store does not let be read is made again with a word', { skip: why }, () =>
  withToys(async (toys, home) => {
    await toys.run();
    const shared = join(toys.dir, 'shared');
    cpSync(home, shared, { recursive: true, verbatimSymlinks: true });
    rmSync(home, { recursive: true });
    giveTo(SOMEBODY, toys.dir);
    giveTo(0, shared);
    const records = readdirSync(join(shared, 'actions'), { recursive: true, encoding: 'utf8' });
    for (const name of records) {
      const path = join(shared, 'actions', name);
      if (statSync(path).isFile()) chmodSync(path, 0o600);
    }
    const said = somebody(toys, 'run', shared);
    assert.equal(said.outcome, 'done', said.message);
    assert.ok(said.ran > 0);
    assert.ok(
      said.warnings.some((word) => /the shared store has it, but no permission to open .*root/.test(word)),
    );
  }),
);

test(
  "another's locks that nobody may read do not stop a run, and are waited for while they are fresh",
  { skip: why },
  () =>
    withToys(async (toys, home) => {
      await toys.run();
      giveTo(SOMEBODY, toys.dir);
      writeFileSync(join(home, 'locks', `visit-${'0'.repeat(16)}.lock`), '{"pid":1}', { mode: 0o600 });
      const collected = somebody(toys, 'gc');
      assert.deepEqual([collected.outcome, collected.kind], ['refused', 'locked']);
      assert.equal(somebody(toys, 'run').outcome, 'done');
    }),
);
