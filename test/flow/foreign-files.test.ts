/** What runs did not make is never removed: a store is recognised first, and what is the user's stays or is set aside. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gc, openStore, verify } from '../../lib/flow/index.ts';
import { requireRecognised } from '../../lib/flow/store/recognise.ts';
import { withToys } from './toy-project.ts';

/** All files below a folder with what they hold, links with where they lead. */
function contentOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    names.map((name) => {
      const stat = lstatSync(join(folder, name));
      if (stat.isSymbolicLink()) return [name, readlinkSync(join(folder, name))];
      return [name, stat.isFile() ? readFileSync(join(folder, name), 'utf8') : 'a folder'];
    }),
  );
}

const somebodys: Record<string, (dir: string) => void> = {
  'a git repository': (dir) => {
    for (const name of ['objects/ab', 'objects/pack', 'refs/heads'])
      mkdirSync(join(dir, name), { recursive: true });
    writeFileSync(join(dir, 'objects/ab', 'c'.repeat(38)), 'x');
    writeFileSync(join(dir, 'HEAD'), 'ref: refs/heads/main');
  },
  'a project with folders of the same names': (dir) => {
    for (const name of ['objects/chairs', 'actions', 'runs/exp1', 'tmp', 'cache/views'])
      mkdirSync(join(dir, name), { recursive: true });
    for (const name of ['objects/chairs/a.obj', 'runs/exp1/log', 'tmp/old', 'cache/views/v'])
      writeFileSync(join(dir, name), 'mine');
    for (const name of ['tmp/old', 'runs/exp1']) utimesSync(join(dir, name), 1, 1);
  },
  'a file called locks': (dir) => writeFileSync(join(dir, 'locks'), 'mine'),
  'a home': (dir) => {
    for (const name of ['.bashrc', 'thesis.tex']) writeFileSync(join(dir, name), 'mine');
  },
};

for (const [name, make] of Object.entries(somebodys)) {
  test(`a folder that is no store is left as it is: ${name}`, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'rankloom-somebodys-'));
    make(dir);
    const before = contentOf(dir);
    const isRefusal = (e: Error & { kind?: string }) => e.kind === 'usage' && e.message.includes('no store');
    assert.throws(() => requireRecognised(dir), isRefusal);
    assert.throws(() => openStore(dir).prepare(), isRefusal);
    await assert.rejects(gc(openStore(dir), { keepDays: 0, keepRuns: 0 }), isRefusal);
    await assert.rejects(verify(openStore(dir)), isRefusal);
    assert.deepEqual(contentOf(dir), before);
    rmSync(dir, { recursive: true });
  });
}

test('a folder with nothing but hidden files becomes a store', () => {
  const dir = mkdtempSync(join(tmpdir(), 'rankloom-empty-'));
  writeFileSync(join(dir, '.gitkeep'), '');
  openStore(dir).prepare();
  requireRecognised(dir);
  rmSync(dir, { recursive: true });
});

test('a store of before stores were marked is known by its structure, and marked', () =>
  withToys(async (toys, home) => {
    await toys.run();
    rmSync(join(home, 'store.json'));
    writeFileSync(join(home, 'notes.txt'), 'mine');
    requireRecognised(home);
    assert.deepEqual((await verify(toys.store)).damage, []);
    assert.deepEqual((await toys.run()).actionsRun, []);
    assert.equal(JSON.parse(readFileSync(join(home, 'store.json'), 'utf8')).version, 1);
    assert.equal(readFileSync(join(home, 'notes.txt'), 'utf8'), 'mine');
  }));

test('a store of a later version is refused, and nothing in it changes', () =>
  withToys(async (toys, home) => {
    await toys.run();
    writeFileSync(join(home, 'store.json'), '{"format":"rankloom-store","version":99}');
    const before = contentOf(home);
    await assert.rejects(
      toys.run(),
      (e: Error & { kind?: string }) => e.kind === 'store' && /later version/.test(e.message),
    );
    await assert.rejects(gc(toys.store, { keepDays: 0, keepRuns: 0 }), /later version/);
    assert.deepEqual(contentOf(home), before);
  }));

test("collecting and verifying leave the user's files in a store", () =>
  withToys(async (toys, home) => {
    for (const times of [1, 2, 3]) {
      toys.config.maps.one.times = times;
      await toys.run();
    }
    const [first] = readdirSync(join(home, 'runs')).sort();
    const shard = readdirSync(join(home, 'objects'))[0];
    const own = [
      'notes.txt',
      'runs/exp1/log.txt',
      `objects/${shard}/mine.txt`,
      `actions/${readdirSync(join(home, 'actions'))[0]}/mine.json`,
      'tmp/mine.txt',
      'locks/mine.txt',
      'locks/mine.lock',
      'quarantine/mine.txt',
      'cache/mine.tmp',
      'cache/code/ab/mine.txt',
      'targets/mine.txt',
    ];
    for (const name of own) {
      mkdirSync(join(home, name, '..'), { recursive: true });
      writeFileSync(join(home, name), 'mine');
      utimesSync(join(home, name), 1, 1);
    }
    writeFileSync(join(home, 'runs', first, 'outputs', 'plot.png'), 'mine');
    const { aside } = await gc(toys.store, { keepRuns: 0, keepDays: 0 });
    assert.ok(!existsSync(join(home, 'runs', first)));
    assert.equal(aside.length, 1);
    assert.equal(readFileSync(join(aside[0], 'plot.png'), 'utf8'), 'mine');
    assert.deepEqual(readdirSync(aside[0]), ['plot.png'], 'and nothing that lies in the store');
    assert.deepEqual((await verify(toys.store)).damage, []);
    await toys.run();
    for (const name of own) assert.equal(readFileSync(join(home, name), 'utf8'), 'mine', name);
  }));

test("the user's files under latest/ stay there", () =>
  withToys(async (toys, home) => {
    await toys.run();
    writeFileSync(join(home, 'latest', 'notes.txt'), 'mine');
    mkdirSync(join(home, 'latest', 'plots', 'a'), { recursive: true });
    writeFileSync(join(home, 'latest', 'plots', 'a', 'b.png'), 'mine');
    writeFileSync(join(home, 'latest', 'maps', 'mine.txt'), 'mine');
    for (const times of [2, 3]) {
      toys.config.maps.one.times = times;
      await toys.run();
      for (const name of ['notes.txt', 'plots/a/b.png', 'maps/mine.txt'])
        assert.equal(readFileSync(join(home, 'latest', name), 'utf8'), 'mine');
    }
  }));

/** Puts something of the user's where `latest` or one of its files is. */
const inTheWay: Record<string, (home: string) => void> = {
  'a folder for latest': (home) => {
    rmSync(join(home, 'latest'));
    mkdirSync(join(home, 'latest'));
    writeFileSync(join(home, 'latest', 'thesis.tex'), 'mine');
  },
  'a copy of the outputs for latest, with more in it': (home) => {
    const outputs = realpathSync(join(home, 'latest'));
    rmSync(join(home, 'latest'));
    cpSync(outputs, join(home, 'latest'), { recursive: true });
    writeFileSync(join(home, 'latest', 'thesis.tex'), 'mine');
  },
  'a file for latest': (home) => {
    rmSync(join(home, 'latest'));
    writeFileSync(join(home, 'latest'), 'mine');
  },
  'a link to elsewhere for latest': (home) => {
    mkdirSync(join(home, '..', 'elsewhere'));
    writeFileSync(join(home, '..', 'elsewhere', 'thesis.tex'), 'mine');
    rmSync(join(home, 'latest'));
    symlinkSync(join('..', 'elsewhere'), join(home, 'latest'));
  },
  'a file for an output': (home) => {
    rmSync(join(home, 'latest', 'total.json'));
    writeFileSync(join(home, 'latest', 'total.json'), 'mine');
  },
  'a folder for an output': (home) => {
    rmSync(join(home, 'latest', 'total.json'));
    mkdirSync(join(home, 'latest', 'total.json'));
    writeFileSync(join(home, 'latest', 'total.json', 'thesis.tex'), 'mine');
  },
  'a file for a folder of outputs': (home) => {
    rmSync(join(home, 'latest', 'maps'), { recursive: true });
    writeFileSync(join(home, 'latest', 'maps'), 'mine');
  },
  'a link to elsewhere for a folder of outputs': (home) => {
    const maps = join(home, 'latest', 'maps');
    const elsewhere = join(home, '..', 'elsewhere');
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, 'one.json'), 'mine');
    cpSync(join(maps, 'two.json'), join(elsewhere, 'two.json'));
    rmSync(maps, { recursive: true });
    symlinkSync(elsewhere, maps);
  },
};

const elsewhereOf = (home: string) => {
  const folder = join(home, '..', 'elsewhere');
  return existsSync(folder) ? contentOf(folder) : {};
};

for (const [name, harm] of Object.entries(inTheWay)) {
  for (const next of ['nothing to do', 'something to do']) {
    test(`what took the place of something published is set aside: ${name}, ${next}`, () =>
      withToys(async (toys, home) => {
        await toys.run();
        const before = toys.hashes();
        harm(home);
        const elsewhere = elsewhereOf(home);
        if (next === 'something to do') toys.config.maps.one.times = 5;
        const { events, outcome } = await toys.run();
        assert.equal(outcome, 'done');
        if (next === 'nothing to do') assert.deepEqual(toys.hashes(), before);
        assert.ok(lstatSync(join(home, 'latest')).isSymbolicLink());
        assert.equal(typeof toys.latest('total.json'), 'number');
        assert.ok(
          events.some((e) => e.type === 'warning' && /moved to .*set-aside/.test(e.message)),
          'a word',
        );
        const kept = contentOf(toys.dir);
        assert.ok(Object.values(kept).includes('mine'));
        assert.deepEqual(elsewhereOf(home), elsewhere);
        assert.ok(lstatSync(join(home, 'latest', 'maps')).isDirectory());
        assert.deepEqual((await verify(toys.store)).damage, []);
        assert.deepEqual(
          (await toys.run()).events.filter(({ type }) => type === 'warning'),
          [],
        );
      }));
  }
}

/** Ways to change a published file; each keeps its size. */
const edits: Record<string, (path: string) => void> = {
  'written through': (path) => {
    chmodSync(path, 0o644);
    writeFileSync(path, '9', { flag: 'r+' });
  },
  'written through, with its times put back': (path) => {
    const { atime, mtime } = statSync(path);
    chmodSync(path, 0o644);
    writeFileSync(path, '9', { flag: 'r+' });
    utimesSync(path, atime, mtime);
    chmodSync(path, 0o444);
  },
  'saved by an editor, as a new file': (path) => {
    const text = readFileSync(path, 'utf8');
    rmSync(path);
    writeFileSync(path, `9${text.slice(1)}`);
  },
};

for (const [name, edit] of Object.entries(edits)) {
  test(`a file under latest/ is set right by the next run, whatever its size: ${name}`, () =>
    withToys(async (toys, home) => {
      await toys.run();
      const path = join(home, 'latest', 'total.json');
      const before = readFileSync(path, 'utf8');
      edit(path);
      assert.notEqual(readFileSync(path, 'utf8'), before);
      const edited = readFileSync(path, 'utf8');
      const { events, outcome } = await toys.run();
      assert.equal(outcome, 'done');
      assert.equal(readFileSync(path, 'utf8'), before);
      assert.ok(events.some((e) => e.type === 'warning' && e.message.includes('total.json')));
      assert.ok(Object.values(contentOf(home)).includes(edited), 'what was written is kept');
      assert.deepEqual((await verify(toys.store)).damage, []);
      assert.deepEqual(
        (await toys.run()).events.filter(({ type }) => type === 'warning'),
        [],
      );
    }));
}

test('a published file with another mode or one more name is not touched', () =>
  withToys(async (toys, home) => {
    await toys.run();
    const path = join(home, 'latest', 'total.json');
    const { ino } = statSync(path);
    const shown = readlinkSync(join(home, 'latest'));
    chmodSync(path, 0o440);
    utimesSync(path, 1, 1);
    const { events } = await toys.run();
    assert.deepEqual(
      events.filter(({ type }) => type === 'warning'),
      [],
    );
    assert.equal(statSync(path).ino, ino);
    assert.equal(readlinkSync(join(home, 'latest')), shown);
  }));

test("a link of the user's under latest/ is not followed, whatever is removed", () =>
  withToys(async (toys, home) => {
    await toys.run();
    const maps = join(home, 'latest', 'maps');
    const elsewhere = join(home, '..', 'elsewhere');
    cpSync(maps, elsewhere, { recursive: true });
    const before = contentOf(elsewhere);
    rmSync(maps, { recursive: true });
    symlinkSync(elsewhere, maps);
    // Two links in a circle have more paths than anybody can walk.
    symlinkSync('.', join(home, 'latest', 'a'));
    symlinkSync('.', join(home, 'latest', 'b'));
    rmSync(join(home, 'latest'));
    await gc(toys.store, { keepDays: 0, keepRuns: 0 });
    assert.deepEqual(contentOf(elsewhere), before);
  }));

test('an edited file is set right also where run.json was edited', () =>
  withToys(async (toys, home) => {
    await toys.run();
    const [path, manifest] = ['total.json', 'run.json'].map((name) => join(home, 'latest', name));
    const before = readFileSync(path, 'utf8');
    chmodSync(path, 0o644);
    writeFileSync(path, '9', { flag: 'r+' });
    rmSync(manifest);
    writeFileSync(manifest, '{');
    assert.equal((await toys.run()).outcome, 'done');
    assert.equal(readFileSync(path, 'utf8'), before);
    assert.deepEqual((await verify(toys.store)).damage, []);
  }));

/** What may stand where the folder of a study is to be. */
const atStudies: Record<string, (studies: string) => void> = {
  'a file for all studies': (studies) => writeFileSync(studies, 'mine'),
  'a file for one': (studies) => {
    mkdirSync(studies);
    writeFileSync(join(studies, 'unnamed'), 'mine');
  },
  'a link to nowhere for one': (studies) => {
    mkdirSync(studies);
    symlinkSync(join(studies, '..', 'mine'), join(studies, 'unnamed'));
  },
};

for (const [name, make] of Object.entries(atStudies)) {
  test(`what stands where a study is to be shown is set aside: ${name}`, () =>
    withToys(async (toys, home) => {
      toys.store.prepare();
      make(join(home, 'studies'));
      const { events, outcome } = await toys.run({ patterns: ['numbers'] });
      assert.equal(outcome, 'done');
      assert.ok(events.some((e) => e.type === 'warning' && /studies.* moved to .*set-aside/.test(e.message)));
      assert.ok(existsSync(join(home, 'studies', 'unnamed', 'latest', 'numbers.json')));
      assert.ok(
        Object.entries(contentOf(home)).some(
          ([path, text]) => path.startsWith('set-aside') && /mine$/.test(text),
        ),
      );
    }));
}
