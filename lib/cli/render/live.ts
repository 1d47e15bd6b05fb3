/** View of a run in a terminal: finished targets scroll by, running ones are redrawn below. */
import { fit, textWidth } from '../output/table.ts';
import { count, duration } from '../output/units.ts';
import { hashingWords } from './hashing.ts';
import { lastingLines } from './lines.ts';
import type { Renderer } from './renderer.ts';
import { activityOf, fractionOf, type RunningTarget, RunState } from './state.ts';

export interface LiveOptions {
  write(text: string): void;
  size(): { readonly columns: number; readonly rows: number };
  now(): number;
  /** Calls `tick` from time to time until the returned function is called. */
  every(ms: number, tick: () => void): () => void;
}

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_BELOW = '\u001b[J';
const FRAME_MS = 100;

export function createLiveRenderer({ write, size, now, every }: LiveOptions): Renderer {
  const state = new RunState();
  const startMs = now();
  let drawn: string[] = [];
  let isClosed = false;

  // Lines are drawn at most as wide as the window is now, but it may have become narrower since they were
  // drawn: then they have wrapped, and take more rows.
  const erase = () => {
    const { columns } = size();
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(textWidth(line) / columns)), 0);
    drawn = [];
    return rows === 0 ? '' : `\u001b[${rows}F${CLEAR_BELOW}`;
  };
  const draw = () => {
    const lines = renderRunning(state, { ...size(), nowMs: now(), startMs });
    const text = `${erase()}${lines.map((line) => `${line}\n`).join('')}`;
    drawn = lines;
    if (text !== '') write(text);
  };

  write(HIDE_CURSOR);
  const stop = every(FRAME_MS, draw);
  return {
    onEvent(event) {
      if (isClosed) return;
      state.apply(event, now());
      const lasting = lastingLines(event);
      if (lasting === undefined) return;
      write(`${erase()}${lasting}\n`);
      if (event.type !== 'run-finished') draw();
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      stop();
      write(`${erase()}${SHOW_CURSOR}`);
    },
  };
}

export interface FrameOptions {
  readonly columns: number;
  readonly rows: number;
  readonly nowMs: number;
  readonly startMs: number;
}

/** Lines that are redrawn: no line is wider than the window, nor are there more than fit. */
export function renderRunning(state: RunState, { columns, rows, nowMs, startMs }: FrameOptions): string[] {
  // The last column stays empty: some terminals wrap as soon as it is filled.
  const width = Math.max(1, columns - 1);
  const room = Math.max(0, Math.min(10, rows - 2));
  // Targets under way come first; those that wait for a worker are of less interest.
  const running = [...state.running.values()].sort(
    (a, b) => Number(b.actions.size > 0) - Number(a.actions.size > 0),
  );
  const shown = running.length > room ? running.slice(0, Math.max(0, room - 1)) : running;
  const nameWidth = Math.min(
    Math.max(0, ...shown.map((t) => textWidth(t.target))),
    Math.max(8, Math.floor(width * 0.4)),
  );
  const lines = shown.map((target) => runningLine(target, nameWidth, width, nowMs));
  if (running.length > shown.length) lines.push(fit(`  and ${running.length - shown.length} more`, width));
  for (const [path, progress] of [...state.hashing].slice(0, Math.max(0, room - lines.length))) {
    lines.push(fit(`  ${hashingWords(path, progress)}`, width));
  }
  if (state.targets > 0) {
    const words = [`${state.done} of ${count(state.targets, 'target')}`, duration(nowMs - startMs)];
    if (state.failed > 0) words.push(`${state.failed} failed`);
    if (state.draining) words.push('stopping');
    lines.push(fit(words.join(' · '), width));
  }
  return lines;
}

/** Line on a running target: name, bar, percent, time and activity, as far as there is room. */
function runningLine(target: RunningTarget, nameWidth: number, width: number, nowMs: number): string {
  const name = fit(target.target, nameWidth).padEnd(nameWidth);
  const fraction = fractionOf(target);
  const percent = fraction === undefined ? '     ' : `${String(Math.floor(fraction * 100)).padStart(3)} %`;
  const elapsed = duration(nowMs - target.startedMs);
  const rest = width - 2 - nameWidth;
  let line = `  ${name}`;
  if (rest >= 32) line += `  ${bar(fraction, rest >= 60 ? 20 : 10)}`;
  if (rest >= 20) line += `  ${percent}`;
  if (rest >= 10) line += `  ${elapsed.padStart(7)}`;
  const activity = activityOf(target);
  if (activity !== '' && width - textWidth(line) > 10) line += `  ${activity}`;
  return fit(line, width);
}

function bar(fraction: number | undefined, width: number): string {
  const filled = Math.round((fraction ?? 0) * width);
  return '━'.repeat(filled) + '─'.repeat(width - filled);
}
