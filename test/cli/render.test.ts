import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderRuns } from '../../lib/cli/commands/runs.ts';
import { renderDecisions } from '../../lib/cli/commands/why.ts';
import { fittedTable } from '../../lib/cli/output/fitted-table.ts';
import { textTable, textWidth } from '../../lib/cli/output/table.ts';
import { bytes, duration, parseMemory } from '../../lib/cli/output/units.ts';
import { createJsonRenderer } from '../../lib/cli/render/json.ts';
import { createLiveRenderer, renderRunning } from '../../lib/cli/render/live.ts';
import { createPlainRenderer } from '../../lib/cli/render/plain.ts';
import { activityOf, fractionOf, RunState } from '../../lib/cli/render/state.ts';
import type { FlowEvent, RunEntry } from '../../lib/flow/index.ts';

const EMBED = 'embed[expressionUmap]';
const SIMILARITY = 'similarity[rank-spearman]';

const finished = (target: string, action: string): FlowEvent => ({
  type: 'action-finished',
  target,
  action,
  outcome: 'ran',
  durationMs: 1,
  peakRssBytes: 1,
});

/** A run in the middle of its work. */
const EVENTS: FlowEvent[] = [
  { type: 'run-started', run: 'r', targets: ['load', 'hvg', EMBED, SIMILARITY, 'report'], workers: 2 },
  { type: 'target-cached', target: 'load' },
  { type: 'target-started', target: 'hvg', why: 'top: 10 → 20' },
  { type: 'action-started', target: 'hvg', action: 'run' },
  finished('hvg', 'run'),
  { type: 'target-finished', target: 'hvg', durationMs: 1234, unchanged: true },
  { type: 'target-started', target: EMBED, why: 'first time' },
  { type: 'action-started', target: EMBED, action: 'run' },
  { type: 'action-progress', target: EMBED, action: 'run', done: 31, total: 50, note: 'epochs' },
  { type: 'target-started', target: SIMILARITY, why: 'first time' },
  { type: 'action-started', target: SIMILARITY, action: 'plan 1' },
  finished(SIMILARITY, 'plan 1'),
  { type: 'parts-planned', target: SIMILARITY, round: 0, parts: 8, cached: 3 },
  { type: 'action-started', target: SIMILARITY, action: 'part a' },
  finished(SIMILARITY, 'part a'),
  { type: 'action-started', target: SIMILARITY, action: 'part b' },
  { type: 'action-progress', target: SIMILARITY, action: 'part b', done: 1, total: 2 },
];

function stateAfter(events: readonly FlowEvent[]): RunState {
  const state = new RunState();
  for (const event of events) state.apply(event, 1000);
  return state;
}

test('the state of a run follows its events', () => {
  const state = stateAfter(EVENTS);
  assert.equal(state.done, 2);
  assert.deepEqual([...state.running.keys()], [EMBED, SIMILARITY]);
  const [embed, similarity] = [...state.running.values()];
  assert.equal(fractionOf(embed), 0.62);
  assert.equal(activityOf(embed), 'epochs');
  assert.equal(fractionOf(similarity), 4.5 / 8);
  assert.equal(activityOf(similarity), '4/8 parts');
  state.apply(
    { type: 'target-failed', target: EMBED, action: 'run', error: { kind: 'data', message: 'no' } },
    0,
  );
  state.apply({ type: 'target-blocked', target: 'report', by: EMBED }, 0);
  assert.deepEqual([state.failed, state.blocked, state.running.size], [1, 1, 1]);
});

test('what runs is drawn with what there is room for', () => {
  const state = stateAfter(EVENTS);
  const frame = (columns: number, rows = 24) =>
    renderRunning(state, { columns, rows, nowMs: 13_300, startMs: 0 }).join('\n');
  assert.equal(
    frame(100),
    `  embed[expressionUmap]      ━━━━━━━━━━━━────────   62 %   12.3 s  epochs
  similarity[rank-spearman]  ━━━━━━━━━━━─────────   56 %   12.3 s  4/8 parts
2 of 5 targets · 13.3 s`,
  );
  assert.equal(
    frame(60),
    `  embed[expressionUmap]    ━━━━━━────   62 %   12.3 s
  similarity[rank-spearm…  ━━━━━━────   56 %   12.3 s
2 of 5 targets · 13.3 s`,
  );
  assert.equal(
    frame(40),
    `  embed[expressi…   62 %   12.3 s
  similarity[ran…   56 %   12.3 s
2 of 5 targets · 13.3 s`,
  );
  assert.equal(frame(20), '  embed[e…\n  similar…\n2 of 5 targets · 1…');
  for (let columns = 1; columns < 120; columns++) {
    for (const line of frame(columns).split('\n'))
      assert.ok(textWidth(line) < Math.max(2, columns), `${columns}: ${line}`);
  }
  assert.equal(frame(60, 3), '  and 2 more\n2 of 5 targets · 13.3 s');
});

/** A terminal that keeps what is on its screen: enough of one for what the view writes. */
class Screen {
  lines: string[] = [];
  hidden = false;
  write(text: string): void {
    const readable = text.replaceAll('\u001b', 'ESC');
    for (const piece of readable.split(/(ESC\[\??\d*[A-Za-z]|\n)/)) {
      if (piece === '') continue;
      const up = /^ESC\[(\d+)F$/.exec(piece);
      if (up !== null) this.lines.splice(this.lines.length - Number(up[1]));
      else if (piece === 'ESC[?25l') this.hidden = true;
      else if (piece === 'ESC[?25h') this.hidden = false;
      else if (piece === 'ESC[J' || piece === '\n') continue;
      else this.lines.push(piece);
    }
  }
}

test('the live view keeps what has finished, redraws what runs, and leaves the terminal clean', () => {
  const screen = new Screen();
  let nowMs = 0;
  let tick = () => {};
  let isTicking = true;
  const renderer = createLiveRenderer({
    write: (text) => screen.write(text),
    size: () => ({ columns: 80, rows: 24 }),
    now: () => nowMs,
    every(_ms, callback) {
      tick = callback;
      return () => {
        isTicking = false;
      };
    },
  });
  assert.ok(screen.hidden);
  for (const event of EVENTS) {
    nowMs += 100;
    renderer.onEvent(event);
    tick();
  }
  assert.equal(screen.lines[0], '✓ hvg  1.2 s  same as before');
  assert.match(screen.lines[1], /^ {2}embed\[expressionUmap\] .*62 %/);
  assert.match(screen.lines[2], /^ {2}similarity\[rank-spearman\] .*56 %/);
  assert.equal(screen.lines[3], '2 of 5 targets · 1.7 s');
  assert.equal(screen.lines.length, 4);
  renderer.onEvent({ type: 'draining', running: 2 });
  assert.match(screen.lines[1], /^Stopping: 2 running targets will finish\. Press Ctrl-C again/);
  assert.match(screen.lines.at(-1)!, /stopping$/);
  renderer.close();
  renderer.close();
  assert.deepEqual(screen.lines.length, 2);
  assert.ok(!screen.hidden);
  assert.ok(!isTicking);
});

test('the plain log has a line a start and a finish, and now and then one of progress', () => {
  const lines: string[] = [];
  let nowMs = 0;
  const renderer = createPlainRenderer({
    write: (line) => lines.push(line),
    now: () => nowMs,
    everyMs: 5000,
  });
  for (const event of EVENTS.slice(0, 8)) renderer.onEvent(event);
  for (let done = 0; done <= 50; done++) {
    nowMs += 300;
    renderer.onEvent({
      type: 'action-progress',
      target: EMBED,
      action: 'run',
      done,
      total: 50,
      note: 'epochs',
    });
  }
  renderer.onEvent({ type: 'target-finished', target: EMBED, durationMs: 15_300, unchanged: false });
  renderer.onEvent({ type: 'warning', message: 'a thing' });
  renderer.onEvent({
    type: 'run-finished',
    run: 'r',
    outcome: 'done',
    ran: 2,
    cached: 1,
    failed: 0,
    blocked: 0,
    durationMs: 15_000,
  });
  assert.deepEqual(lines, [
    '▶ hvg  top: 10 → 20',
    '✓ hvg  1.2 s  same as before',
    '▶ embed[expressionUmap]  first time',
    '  embed[expressionUmap]  32 %  epochs',
    '  embed[expressionUmap]  66 %  epochs',
    '  embed[expressionUmap]  100 %  epochs',
    '✓ embed[expressionUmap]  15.3 s',
    'warning: a thing',
    'Done in 15.0 s: 2 computed, 1 reused.',
  ]);
});

/** What the plain log says to some events, each at a time in milliseconds. */
function plainLog(events: readonly (readonly [number, FlowEvent])[]): string[] {
  const lines: string[] = [];
  let now = 0;
  const renderer = createPlainRenderer({ write: (line) => lines.push(line), now: () => now });
  for (const [at, event] of events) {
    now = at;
    renderer.onEvent(event);
  }
  return lines.map((line) => line.replace(ESCAPES, ''));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours
const ESCAPES = /\u001b\[[0-9;]*m/g;

test('a large file that is hashed is told after a moment and then every five seconds, with its end', () => {
  const hashing = (at: number, done: number) =>
    [at, { type: 'hashing', path: '/data/atlas.h5ad', done, total: 20e9 } as FlowEvent] as const;
  assert.deepEqual(
    plainLog([
      hashing(500, 1e9),
      hashing(1600, 3e9),
      hashing(1800, 4e9),
      hashing(6700, 15e9),
      hashing(8000, 20e9),
    ]),
    [
      '  hashes atlas.h5ad  15 %  3.0 GB of 20.0 GB',
      '  hashes atlas.h5ad  75 %  15.0 GB of 20.0 GB',
      '  hashes atlas.h5ad  100 %  20.0 GB of 20.0 GB',
    ],
  );
  assert.deepEqual(plainLog([hashing(500, 1e9), hashing(1000, 20e9)]), [], 'one that took no time');
  const state = stateAfter([hashing(0, 5e9)[1]]);
  const frame = renderRunning(state, { columns: 80, rows: 24, nowMs: 2000, startMs: 0 });
  assert.deepEqual(frame, ['  hashes atlas.h5ad  25 %  5.0 GB of 20.0 GB']);
});

test('ends, waits and what code prints are told in true words', () => {
  const events: FlowEvent[] = [
    { type: 'draining', running: 2 },
    { type: 'ending', running: 2 },
    { type: 'ending', running: 1, by: 'SIGTERM' },
    { type: 'waiting', target: 'load', text: 'waiting for load, held by process 7', waitedMs: 2000 },
    { type: 'output', target: 'load', action: 'run', text: 'a\u001b[2Jb\u0007\u001b[31mred' },
  ];
  assert.deepEqual(plainLog(events.map((event) => [0, event])), [
    'Stopping: 2 running targets will finish. Press Ctrl-C again to stop at once.',
    '2 running targets will be ended now.',
    'SIGTERM: 1 running target will be ended now.',
    'waiting for load, held by process 7',
    '  load | abred',
  ]);
});

test('the JSON view is the events', () => {
  const lines: string[] = [];
  const renderer = createJsonRenderer((line) => lines.push(line));
  for (const event of EVENTS) renderer.onEvent(event);
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    EVENTS,
  );
});

test('times and sizes are written for people, memory is read from them', () => {
  assert.deepEqual([0, 340, 999.6, 1234, 59_940, 59_960, 185_000, 7_620_000].map(duration), [
    '0 ms',
    '340 ms',
    '1.0 s',
    '1.2 s',
    '59.9 s',
    '1 min 00 s',
    '3 min 05 s',
    '2 h 07 min',
  ]);
  assert.deepEqual([0, 999, 1000, 123_456, 5_400_000_000].map(bytes), [
    '0 B',
    '999 B',
    '1.0 kB',
    '123 kB',
    '5.4 GB',
  ]);
  assert.deepEqual(['8G', '512M', '2.5GiB', '1000', '64 k'].map(parseMemory), [
    8 * 2 ** 30,
    2 ** 29,
    2.5 * 2 ** 30,
    1000,
    65_536,
  ]);
  for (const wrong of ['', 'G', '-1G', '8X', '0']) assert.throws(() => parseMemory(wrong), /--memory/);
});

test('columns of a table are aligned by what is seen', () => {
  const rows = [
    ['\u001b[31mα\u001b[39m', '1'],
    ['beta', '20'],
  ];
  assert.equal(
    textTable({ head: ['n', 'x'], rows, right: new Set([1]) }),
    'n      x\n\u001b[31mα\u001b[39m      1\nbeta  20',
  );
  assert.equal(textTable({ rows: [] }), '');
});

test('a table that is read whole takes another form where the terminal is narrow', () => {
  const table = { head: ['measure', 'median within'], rows: [['rank', '0.5']], right: new Set([1]) };
  assert.equal(fittedTable({ ...table, width: 24 }), 'measure  median within\nrank               0.5');
  assert.equal(fittedTable({ ...table, width: 16 }), '         median\nmeasure  within\nrank        0.5');
  const coloured = { ...table, head: ['\u001b[1mmeasure\u001b[22m', 'median within'] };
  const [title] = fittedTable({ ...coloured, rows: [['a-long-name', '0.5']], width: 12 }).split('\n');
  assert.equal(title, 'measure: a-…', 'no colour is cut in the middle');
});

test('runs take several lines each where the terminal is narrow', () => {
  const entry: RunEntry = {
    id: '2026-01-02T03-04-05-678Z-9e1cf5',
    startedAt: new Date(0),
    shownAs: 'latest',
    manifest: {
      run: '2026-01-02T03-04-05-678Z-9e1cf5',
      outcome: 'done',
      study: 'atlas.config.ts, /data/atlas.h5ad',
      durationMs: 66_000,
      targets: {},
      failed: [],
      blocked: [],
    },
  };
  for (const width of [40, 50, 80, 100]) {
    const text = renderRuns([entry], width);
    for (const line of text.split('\n')) assert.ok(textWidth(line) <= width, `${width}: ${line}`);
    for (const part of ['9e1cf5', 'done', '1 min 06 s', 'latest', 'atlas'])
      assert.ok(text.includes(part), part);
  }
});

test('of many changes the first are told, and what is waited for in any case', () => {
  const changes = Array.from({ length: 30 }, (_, i) => {
    return { kind: 'param', path: `p${i}`, old: i, new: 'x'.repeat(i === 0 ? 500 : 1) } as const;
  });
  const waits = { kind: 'upstream' as const, targets: ['load'], until: ['load'] };
  const decision = { target: 'report', state: 'unknown' as const, causes: [...changes, waits] };
  const lines = renderDecisions([decision]).split('\n').slice(1);
  assert.equal(lines.length, 19 + 2);
  assert.equal(lines[0], `  p0: 0 → "${'x'.repeat(98)}…`);
  assert.deepEqual(lines.slice(18), [
    '  p18: 18 → "x"',
    '  … and 11 more: --full shows all',
    '  depends on the output of load',
  ]);
  assert.equal(renderDecisions([decision], { full: true }).split('\n').length, 32);
});
