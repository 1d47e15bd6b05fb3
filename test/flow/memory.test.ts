/** A run keeps to its memory budget: by what stages declare, by what actions took before, and by what they hold now. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { Target } from '../../lib/flow/index.ts';
import { controlGroupLimits, memoryLimit } from '../../lib/flow/run/memory.ts';
import { Memory, type MemoryOptions, THREAD_BYTES } from '../../lib/flow/run/needs.ts';
import { type Budget, type Demand, type Need, type Place, Slots } from '../../lib/flow/run/slots.ts';
import type { TaskInput } from '../../lib/flow/workers/task.ts';
import type { GrowConfig, Grown, GrowOptions } from './grow-toys.ts';

const MB = 2 ** 20;

/** Slots of a machine whose resident memory is what the test says. */
function machine(options: Partial<Budget> = {}) {
  const told: [string, number, boolean][] = [];
  const order: string[] = [];
  const state = { resident: 0 };
  const slots = new Slots({
    cores: 2,
    memoryBytes: 100,
    resident: () => state.resident,
    relieve: async () => {},
    onOver: (...what) => told.push(what),
    ...options,
  });
  const ask = (
    name: string,
    demand: Omit<Partial<Demand>, 'need'> & { need?: () => Partial<Need> },
    alone = false,
  ) => {
    const need = () => ({ bytes: 0, sharedBytes: 0, isKnown: true, weight: 1, ...demand.need?.() });
    const whole = { target: name, priority: 0, cores: 1, ...demand, need };
    const place = slots.acquire(whole, { alone }).then((granted) => {
      order.push(name);
      return granted;
    });
    return place;
  };
  const bytes = (n: number, sharedBytes = 0) => ({ need: () => ({ bytes: n, sharedBytes }) });
  return { slots, told, order, state, ask, bytes };
}

const turn = () => new Promise((done) => setTimeout(done, 5));
const leave = async (...places: Promise<Place>[]) => {
  for (const place of places) (await place).leave();
};

test('actions come in by priority, within cores and memory; one for all cores is not overtaken', async () => {
  const { ask, bytes, order } = machine();
  const first = ask('first', { ...bytes(60) });
  const heavy = ask('heavy', { priority: 9, ...bytes(60) }); // waits for memory, and lets lighter ones pass
  const light = ask('light', { priority: 1, ...bytes(30) });
  const wide = ask('wide', { priority: 8, cores: 2, ...bytes(10) });
  const late = ask('late', { priority: 1, ...bytes(10) });
  await leave(light);
  await turn();
  assert.deepEqual(order, ['first', 'light']);
  await leave(first, heavy, wide, late);
  assert.deepEqual(order, ['first', 'light', 'heavy', 'wide', 'late']);
});

test('what actions of a target share is counted once, and again for another target', async () => {
  const { ask, bytes, order } = machine({ cores: 4 });
  const a = [1, 2, 3].map(() => ask('a', bytes(10, 60)));
  const b = ask('b', bytes(10, 60));
  await turn();
  assert.deepEqual(order, ['a', 'a', 'a']);
  await leave(...a, b);
  assert.deepEqual(order, ['a', 'a', 'a', 'b']);
});

test('memory that is in use counts, whoever was expected to use it', async () => {
  const { ask, bytes, order, state } = machine();
  const first = ask('first', bytes(10));
  await turn();
  state.resident = 60;
  const second = ask('second', bytes(45));
  const third = ask('third', bytes(30));
  await turn();
  assert.deepEqual(order, ['first', 'third']);
  state.resident = 40;
  await leave(third);
  await turn();
  assert.deepEqual(order, ['first', 'third', 'second']);
  await leave(first, second);
});

test('what idle threads hold is given back before an action that needs the room', async () => {
  let resident = 50 * MB;
  const { ask, bytes, told } = machine({
    memoryBytes: 400 * MB,
    resident: () => resident,
    relieve: async () => {
      resident = 100 * MB;
    },
  });
  resident = 350 * MB;
  await leave(ask('small', bytes(20 * MB)));
  assert.equal(resident, 350 * MB);
  await leave(ask('large', bytes(200 * MB)));
  assert.equal(resident, 100 * MB);
  assert.deepEqual(told, []);
});

test('an action that alone is more than the budget runs alone, and it is told once', async () => {
  const { ask, bytes, order, told } = machine();
  const big = [1, 2].map(() => ask('big', bytes(150, 10)));
  const small = ask('small', { priority: -1, ...bytes(1) });
  await turn();
  assert.deepEqual(order, ['big']);
  await leave(...big, small);
  assert.deepEqual(told, [['big', 160, false]]);
  const guess = machine();
  await leave(guess.ask('guess', { need: () => ({ bytes: 500, sharedBytes: 0, isKnown: false }) }));
  assert.deepEqual(guess.told, []);
});

test('over the budget the action that came last gives way, and comes in again alone', async () => {
  const { ask, bytes, state, slots, told } = machine({ cores: 3 });
  const a = await ask('a', bytes(10));
  const b = await ask('b', bytes(10));
  state.resident = 130;
  await new Promise((done) => b.giveWay.addEventListener('abort', done, { once: true }));
  assert.equal(a.giveWay.aborted, false);
  b.leave();
  state.resident = 70;
  const again = ask('b', bytes(10), true);
  const late = ask('c', { priority: 5, ...bytes(1) });
  (await late).leave();
  a.leave();
  const place = await again;
  const other = ask('d', bytes(0));
  await turn();
  state.resident = 130; // alone: there is nobody else to give way
  await new Promise((done) => setTimeout(done, 120));
  assert.equal(place.giveWay.aborted, false);
  assert.deepEqual(told, [['b', 130, true]]);
  place.leave();
  await leave(other);
  assert.ok(slots.fitsAlone({ bytes: 100, sharedBytes: 0, isKnown: true, weight: 1 }));
});

test('an action whose need cannot be told is refused itself, and nobody else', async () => {
  const { ask, bytes, order } = machine();
  const broken = () => {
    throw new Error('no need');
  };
  await assert.rejects(ask('first', { need: broken }), /no need/);
  let breaks = false;
  const first = ask('second', bytes(60));
  const later = ask('third', {
    need: () => {
      if (breaks) throw new Error('no need any more');
      return { bytes: 60 };
    },
  });
  const last = ask('fourth', bytes(60));
  later.catch(() => {});
  breaks = true;
  await leave(first);
  await assert.rejects(later, /no need any more/);
  await leave(last);
  assert.deepEqual(order, ['second', 'fourth']);
});

test('whatever actions ask for and hold, all come in, and never more than there is', async () => {
  const machineOf = async (seed: number) => {
    let drawn = seed * 2654435761;
    const below = (n: number) => {
      drawn = (Math.imul(drawn, 1664525) + 1013904223) >>> 0;
      return Math.floor((drawn / 2 ** 32) * n);
    };
    const cores = 1 + below(4);
    let [running, inUse, done] = [0, 0, 0];
    const held = new Map<object, number>();
    const slots = new Slots({
      cores,
      memoryBytes: 100,
      resident: () => [...held.values()].reduce((a, b) => a + b, 0),
      relieve: async () => {},
      onOver: () => {},
    });
    const actions = Array.from({ length: 30 }, async (_, i) => {
      await new Promise((go) => setTimeout(go, below(10)));
      const [wanted, expected] = [below(8) === 0 ? cores : 1, below(6) === 0 ? 50 + below(200) : below(40)];
      const isKnown = below(3) > 0;
      const isBroken = below(20) === 0;
      const need = () => {
        if (isBroken) throw new Error('no need');
        return { bytes: expected, sharedBytes: below(3) === 0 ? 5 : 0, isKnown, weight: 1 + expected };
      };
      const sole = () => (isKnown ? undefined : `kind ${i % 3}`);
      const demand = { target: `t${i % 4}`, priority: below(3), cores: wanted, need, sole };
      let alone = false;
      for (;;) {
        const place = await slots.acquire(demand, { alone }).catch(() => undefined);
        if (place === undefined) break;
        running++;
        inUse += wanted;
        assert.ok(inUse <= cores, `seed ${seed}: ${inUse} of ${cores} cores`);
        if (alone) assert.equal(running, 1, `seed ${seed}: not alone`);
        // Some hold more than they said, so that the last to come gives way.
        held.set(place, below(4) === 0 ? 2 * expected : expected);
        await new Promise((end) => setTimeout(end, below(8) === 0 ? 120 : below(5)));
        held.delete(place);
        running--;
        inUse -= wanted;
        const again = place.giveWay.aborted && !alone;
        place.leave();
        if (!again) break;
        alone = true;
      }
      done++;
    });
    await Promise.all(actions);
    assert.equal(done, 30, `seed ${seed}`);
  };
  await Promise.all(Array.from({ length: 40 }, (_, i) => machineOf(i + 1)));
});

test('of a kind about which nothing is known, one runs at a time until one is over', async () => {
  const { ask, order } = machine({ cores: 4 });
  let isKnown = false;
  const sole = () => (isKnown ? undefined : 'kind');
  const all = [1, 2, 3].map((i) => ask(`unknown ${i}`, { sole }));
  const other = ask('other', {});
  await turn();
  assert.deepEqual(order, ['unknown 1', 'other']);
  isKnown = true;
  await leave(all[0]);
  await turn();
  assert.deepEqual(order, ['unknown 1', 'other', 'unknown 2', 'unknown 3']);
  await leave(other, ...all);
});

const target = (over: object = {}, id = 'grow[a]') =>
  ({ id, params: { k: 3 }, stage: { name: 'grow', ...over } }) as unknown as Target;
const memoryOf = (options: Partial<MemoryOptions> = {}) =>
  new Memory({
    recordOf: () => undefined,
    instancesOf: () => [],
    fits: () => true,
    isStrict: true,
    extraBytes: 0,
    ...options,
  });
const input = (bytes: number, kind = 'json'): TaskInput => ({ kind, path: '/none', hash: '', bytes });
const asked = (over: object = {}) =>
  ({ role: 'whole', inputs: {}, rounds: [], threads: 1, ...over }) as const;

test('an action needs what its stage declares, from the facts', () => {
  let seen: object = {};
  const needs = {
    memory: (facts: { bytes: Record<string, number> }) => {
      seen = { ...facts, bytes: { ...facts.bytes }, none: facts.bytes.none, proto: facts.bytes.toString };
      return 1000 * facts.bytes.x;
    },
    shared: () => 7,
  };
  const inputs = { x: input(5), y: [input(1, 'table'), input(2)] };
  const rounds = [[{ found: input(10) }, { found: input(20) }]];
  const { demand } = memoryOf().demandOf(
    target({ needs }),
    0,
    asked({ inputs, rounds, role: 'part', part: 1 }),
  );
  assert.deepEqual(demand.need(), {
    bytes: 5000 + THREAD_BYTES,
    sharedBytes: 7,
    isKnown: true,
    weight: 5007 + THREAD_BYTES,
  });
  assert.equal(demand.sole!(), undefined);
  const bytes = { x: 5, y: 3 };
  const kinds = { x: 'json', y: 'table' };
  const rest = { role: 'part', params: { k: 3 }, part: 1, partBytes: 30, threads: 1 };
  assert.deepEqual(seen, { ...rest, bytes, kinds, none: 0, proto: 0 });
  for (const wrong of [Number.NaN, -1, Infinity, '7', undefined]) {
    const broken = memoryOf().demandOf(target({ needs: { memory: () => wrong } }), 0, asked());
    assert.throws(() => broken.demand.need(), /grow\[a\]: needs\.memory\(\) gives/);
  }
});

test('of a stage that declares nothing, external files count as other inputs do', () => {
  const file: TaskInput = { kind: 'file', path: import.meta.filename, hash: '' };
  const needOf = (inputs: object) => memoryOf().demandOf(target(), 0, asked({ inputs })).demand.need().bytes;
  assert.ok(needOf({ file }) > needOf({}) + 10_000);
  assert.equal(needOf({ file: { ...file, path: '/none' } }), needOf({}));
  assert.equal(needOf({ x: input(100) }), needOf({}) + 300);
});

test('what an action took before is expected again, of the target, else of its stage, by how much it reads', () => {
  const record = (bytes: number) => ({ memory: { bytes: { whole: bytes }, inputBytes: 100 } }) as never;
  const recordOf = (id: string) => (id === 'grow[a]' ? record(4e9) : undefined);
  const memory = () => memoryOf({ recordOf, instancesOf: () => ['grow[a]', 'grow[b]'] });
  const needOf = (id: string, bytes: number, over = {}) => {
    const { demand } = memory().demandOf(target(over, id), 0, asked({ inputs: { x: input(bytes) } }));
    return demand.need();
  };
  const { bytes, isKnown } = needOf('grow[a]', 100);
  assert.deepEqual([bytes, isKnown], [4e9, true]);
  assert.equal(needOf('grow[b]', 200).bytes, 8e9);
  assert.equal(needOf('grow[a]', 0).bytes, 4e8); // a tenth at least
  assert.equal(needOf('grow[a]', 100, { needs: { memory: () => 5 } }).bytes, 4e9);
  assert.equal(needOf('grow[a]', 100, { needs: { memory: () => 5e9 } }).bytes, 5e9 + THREAD_BYTES);
  // A part is not what the whole was.
  const { demand } = memory().demandOf(target(), 0, asked({ role: 'part', inputs: { x: input(100) } }));
  assert.equal(demand.need().isKnown, false);
});

test('actions of this run teach what others of their kind take', () => {
  const memory = memoryOf();
  const [a, b] = ['a', 'b'].map((name) => memory.demandOf(target({}, `grow[${name}]`), 0, asked()).demand);
  assert.equal(b.sole!(), 'whole of stage grow');
  const taken = memory.taken(a, { peakBytes: 3e9 } as Place, { peakRssBytes: 9e9, heldBytes: 1e9 });
  assert.deepEqual(taken, { bytes: { whole: 3e9 }, inputBytes: 0 });
  assert.equal(b.need().bytes, 3e9);
  assert.equal(b.sole!(), undefined);
  assert.equal(memoryOf({ isStrict: false }).demandOf(target(), 0, asked()).demand.sole!(), undefined);
  // A process of its own is measured as what it is.
  const hermetic = memoryOf({ extraBytes: 1e8 });
  const { demand } = hermetic.demandOf(target(), 0, asked());
  assert.deepEqual(hermetic.taken(demand, { peakBytes: 3e9 } as Place, { peakRssBytes: 5e8 }).bytes, {
    whole: 4e8,
  });
  const held = memory.taken(a, { peakBytes: 1 } as Place, { peakRssBytes: 9e9, heldBytes: 2 });
  assert.deepEqual(held.bytes, { whole: 2 });
});

test('a team has as many threads as there is room for', () => {
  const needs = { memory: ({ threads }: { threads: number }) => threads * 1000 * MB };
  const threadsWithin = (bytes: number) => {
    const memory = memoryOf({ fits: (need) => need.bytes <= bytes });
    return memory.demandOf(target({ needs }), 0, asked({ threads: 4 })).threads;
  };
  assert.deepEqual(
    [10_000, 3500, 2500, 500].map((megabytes) => threadsWithin(megabytes * MB)),
    [4, 3, 2, 1],
  );
});

test('the limits of control groups are found, of either version and further up', () => {
  const files = (all: Record<string, string>) => (path: string) => {
    if (path in all) return all[path];
    throw new Error(`no ${path}`);
  };
  const v2 = '/sys/fs/cgroup';
  const v1 = '/sys/fs/cgroup/memory';
  const none = '9223372036854771712\n';
  const cases: [Record<string, string>, number[]][] = [
    [{ '/proc/self/cgroup': '0::/\n', [`${v2}/memory.max`]: '1000\n' }, [1000]],
    [
      {
        '/proc/self/cgroup': '0::/a/b\n',
        [`${v2}/a/b/memory.max`]: 'max\n',
        [`${v2}/a/memory.max`]: '700\n',
      },
      [700],
    ],
    [
      { '/proc/self/cgroup': '0::/a/b\n', [`${v2}/a/b/memory.max`]: '900', [`${v2}/a/b/memory.high`]: '800' },
      [900, 800],
    ],
    [
      {
        '/proc/self/cgroup': '5:cpu:/x\n4:cpuset,memory:/job/step\n',
        [`${v1}/job/step/memory.limit_in_bytes`]: none,
        [`${v1}/job/memory.limit_in_bytes`]: '500\n',
      },
      [500],
    ],
    // In a container: the path is the host's, the mount is its own.
    [
      {
        '/proc/self/cgroup': '4:memory:/docker/1f\n0::/docker/1f\n',
        [`${v1}/memory.limit_in_bytes`]: '600\n',
      },
      [600],
    ],
    [{ '/proc/self/cgroup': '4:memory:/\n', [`${v1}/memory.limit_in_bytes`]: none }, []],
    [{}, []],
  ];
  for (const [all, expected] of cases) assert.deepEqual(controlGroupLimits(files(all)), expected);
  const limited = files({ '/proc/self/cgroup': '0::/\n', [`${v2}/memory.max`]: '1000000\n' });
  assert.equal(memoryLimit(limited), 1_000_000);
  assert.ok(memoryLimit(files({})) > 1_000_000);
});

/** Runs stages that really take memory in a process of its own. */
async function grow(dir: string, config: GrowConfig, options: GrowOptions): Promise<Grown> {
  const script = join(import.meta.dirname, 'grow-toys.ts');
  const args = [script, dir, JSON.stringify(config), JSON.stringify(options)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 64 * MB });
  const grown: Grown = JSON.parse(stdout);
  assert.deepEqual([grown.outcome, grown.failed], ['done', []]);
  return grown;
}

const GROWS = { a: 200, b: 204, c: 208, d: 212 };
const DECLARED = 'facts.params.megabytes * 2 ** 20';

test('a run under a budget ends, with the same bytes, and is never above it', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'rankloom-grow-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  let count = 0;
  const inNew = (config: GrowConfig, options: GrowOptions) => grow(join(dir, `${count++}`), config, options);

  const naive = await grow(join(dir, 'first'), { grows: GROWS }, {});
  assert.ok(naive.peakBytes > 780 * MB, `all at once it takes ${naive.peakBytes / MB} MB`);
  const budget = { memoryBytes: 600 * MB };
  const runs = {
    'by what the stage declares': () => inNew({ grows: GROWS, needs: DECLARED }, budget),
    'by what it took before': () => grow(join(dir, 'first'), { grows: GROWS }, { ...budget, force: true }),
    'knowing nothing': () => inNew({ grows: GROWS }, budget),
  };
  for (const [how, run] of Object.entries(runs)) {
    const { peakBytes, outputs } = await run();
    assert.deepEqual(outputs, naive.outputs, how);
    assert.ok(peakBytes <= budget.memoryBytes, `${how}: ${peakBytes / MB} MB`);
  }
  // Told too little, it sees it in time to end one; one that is more than all of it runs alone.
  const wrong = await inNew({ grows: GROWS, needs: '2 ** 20' }, budget);
  assert.deepEqual(wrong.outputs, naive.outputs);
  assert.ok(wrong.events.some(({ type }) => type === 'action-retried'));
  assert.ok(wrong.peakBytes < naive.peakBytes);
  const small = await inNew({ grows: { a: 200 }, needs: DECLARED }, { memoryBytes: 200 * MB });
  const words = small.events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  assert.match(words.join(), /^grow\[a\]: the run needs about \d+ MB, more than its memory budget of 210 MB/);
});
