/** `plan`: what `run` would do, and why. */
import { type Decision, decide, type State, selectTargets } from '../../flow/index.ts';
import type { App } from '../app.ts';
import { reason } from '../decisions.ts';
import { exitCodeOfDecisions } from '../exit-code.ts';
import { forcedTargets } from '../force.ts';
import type { RunCommandOptions } from '../options.ts';
import { openSession } from '../session.ts';
import { textTable } from '../table.ts';
import { out, paint } from '../ui.ts';
import { count } from '../units.ts';

export async function plan(app: App, patterns: string[], options: RunCommandOptions): Promise<number> {
  const { graph, store, study } = await openSession(app, options);
  const targets = selectTargets(graph, patterns);
  const decisions = await decide(graph, store, {
    targets,
    force: forcedTargets(graph, options.force),
    study,
  });
  if (options.json) out(JSON.stringify(decisions, null, 2));
  else out(renderPlan(decisions));
  return exitCodeOfDecisions(decisions);
}

export function renderPlan(decisions: readonly Decision[]): string {
  const of = (...states: State[]) => decisions.filter((d) => states.includes(d.state));
  const open = of('stale', 'unknown', 'blocked', 'failed');
  const upToDate = decisions.length - open.length;
  if (open.length === 0) return `Nothing to do: ${count(upToDate, 'target')} up to date.`;
  const rows = open.map((d) => [verb(d), d.target, reason(d)]);
  const toRun = open.filter(willRun).length;
  const tally = [
    [toRun, 'to run'],
    [of('stale', 'unknown').length - toRun, 'to be decided when their inputs are known'],
    [of('failed').length, 'that cannot run'],
    [of('blocked').length, 'blocked by those'],
    [upToDate, 'up to date'],
  ] as const;
  const words = tally.filter(([n]) => n > 0).map(([n, text]) => `${n} ${text}`);
  return `${textTable({ rows })}\n\n${count(decisions.length, 'target')}: ${words.join(', ')}.`;
}

/** Stale, or sure to become so: whatever comes from upstream, a cause of its own remains. */
function willRun({ state, causes }: Decision): boolean {
  return state === 'stale' || (state === 'unknown' && causes.some((c) => c.kind !== 'upstream'));
}

function verb(decision: Decision): string {
  const { state } = decision;
  switch (state) {
    case 'stale':
    case 'unknown':
      return willRun(decision) ? paint('yellow', 'run') : paint('cyan', 'maybe');
    case 'blocked':
      return paint('red', 'blocked');
    case 'failed':
      return paint('red', 'cannot');
    default:
      return paint('green', 'keep');
  }
}
