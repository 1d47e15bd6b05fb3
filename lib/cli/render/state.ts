/** Progress of a run, accumulated from its events. */
import { never } from '../../errors.ts';
import type { FlowEvent } from '../../flow/index.ts';

export interface RunningTarget {
  readonly target: string;
  readonly startedMs: number;
  /** Actions under way, each with its progress. */
  readonly actions: Map<string, { done: number; total: number; note?: string }>;
  /** Parts of the current round, for a partitioned stage. */
  parts?: { total: number; done: number };
}

export class RunState {
  targets = 0;
  cached = 0;
  finished = 0;
  failed = 0;
  blocked = 0;
  draining = false;
  /** External files that are being hashed → progress in bytes. */
  readonly hashing = new Map<string, { done: number; total: number }>();
  readonly running = new Map<string, RunningTarget>();

  apply(event: FlowEvent, nowMs: number): void {
    switch (event.type) {
      case 'run-started':
        this.targets = event.targets.length;
        return;
      case 'target-cached':
        this.cached++;
        return;
      case 'target-started':
        this.running.set(event.target, { target: event.target, startedMs: nowMs, actions: new Map() });
        return;
      case 'parts-planned': {
        const target = this.running.get(event.target);
        if (target !== undefined) target.parts = { total: event.parts, done: event.cached };
        return;
      }
      case 'action-started':
        this.running.get(event.target)?.actions.set(event.action, { done: 0, total: 0 });
        return;
      case 'action-progress':
        this.running.get(event.target)?.actions.set(event.action, event);
        return;
      case 'action-finished': {
        const target = this.running.get(event.target);
        target?.actions.delete(event.action);
        if (target?.parts !== undefined && target.parts.done < target.parts.total) target.parts.done++;
        return;
      }
      case 'target-finished':
        this.finished++;
        this.running.delete(event.target);
        return;
      case 'target-failed':
        this.failed++;
        this.running.delete(event.target);
        return;
      case 'target-blocked':
        this.blocked++;
        return;
      case 'draining':
      case 'ending':
        this.draining = true;
        return;
      case 'hashing':
        if (event.done >= event.total) this.hashing.delete(event.path);
        else this.hashing.set(event.path, event);
        return;
      case 'action-retried':
        // A retried action starts from its beginning.
        this.running.get(event.target)?.actions.set(event.action, { done: 0, total: 0 });
        return;
      case 'nondeterministic':
      case 'output':
      case 'waiting':
      case 'warning':
      case 'run-finished':
        return;
      default:
        never(event);
    }
  }

  /** Number of targets that need no more work. */
  get done(): number {
    return this.cached + this.finished;
  }
}

/** Progress of a target, from 0 to 1; undefined if it has not reported any yet. */
export function fractionOf({ actions, parts }: RunningTarget): number | undefined {
  const shares = [...actions.values()].map(({ done, total }) => (total > 0 ? Math.min(1, done / total) : 0));
  const sum = shares.reduce((a, b) => a + b, 0);
  if (parts !== undefined && parts.total > 0) return Math.min(1, (parts.done + sum) / parts.total);
  const known = [...actions.values()].some(({ total }) => total > 0);
  return known ? sum / shares.length : undefined;
}

/** Activity of a target, in a few words. */
export function activityOf({ actions, parts }: RunningTarget): string {
  if (parts !== undefined && parts.total > 1) return `${parts.done}/${parts.total} parts`;
  if (actions.size === 0) return 'waiting';
  const [only] = [...actions.values()];
  return only.note ?? '';
}
