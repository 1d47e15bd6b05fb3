/** View of a run as a log, for pipes and CI: one line per start and finish, and progress now and then. */
import type { FlowEvent } from '../../flow/index.ts';
import { fit } from '../output/table.ts';
import { HashingLines } from './hashing.ts';
import { lastingLines } from './lines.ts';
import type { Renderer } from './renderer.ts';
import { activityOf, fractionOf, RunState } from './state.ts';

export interface PlainOptions {
  write(line: string): void;
  now(): number;
  /** Shortest time between two lines of progress of a target. */
  readonly everyMs?: number;
}

export function createPlainRenderer({ write, now, everyMs = 5000 }: PlainOptions): Renderer {
  const state = new RunState();
  const lastMs = new Map<string, number>();
  const hashing = new HashingLines({ write, now, everyMs });
  return {
    onEvent(event) {
      state.apply(event, now());
      if (event.type === 'target-started') {
        lastMs.set(event.target, now());
        write(fit(`▶ ${event.target}  ${event.why}`, 120));
      }
      if (event.type === 'hashing') hashing.tell(event.path, event.done, event.total);
      const due = progressOf(event);
      if (due !== undefined && now() - (lastMs.get(due) ?? 0) >= everyMs) {
        const line = progressLine(state, due);
        if (line !== undefined) {
          lastMs.set(due, now());
          write(line);
        }
      }
      const lasting = lastingLines(event);
      if (lasting !== undefined) write(lasting);
    },
    close() {},
  };
}

function progressOf(event: FlowEvent): string | undefined {
  return event.type === 'action-progress' || event.type === 'action-finished' ? event.target : undefined;
}

function progressLine(state: RunState, target: string): string | undefined {
  const running = state.running.get(target);
  const fraction = running === undefined ? undefined : fractionOf(running);
  if (running === undefined || fraction === undefined) return undefined;
  return `  ${target}  ${Math.floor(fraction * 100)} %  ${activityOf(running)}`.trimEnd();
}
