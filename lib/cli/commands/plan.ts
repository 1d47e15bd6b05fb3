/** `plan`: the targets that `run` would make, the reasons, and a forecast. */
import { availableParallelism } from 'node:os';
import { never } from '../../errors.ts';
import {
  Decider,
  type Decision,
  type Forecast,
  forecast,
  resolveAll,
  type State,
  selectTargets,
} from '../../flow/index.ts';
import type { App } from '../app.ts';
import { exitCodeOfDecisions } from '../exit-code.ts';
import { forcedTargets } from '../options/force.ts';
import type { PlanOptions } from '../options/options.ts';
import { reason } from '../output/decisions.ts';
import { forecastText, targetTime } from '../output/forecast-text.ts';
import { textTable } from '../output/table.ts';
import { note, out, outWidth, paint } from '../output/ui.ts';
import { count } from '../output/units.ts';
import { tellHashing } from '../render/hashing.ts';
import { openSession } from '../session/session.ts';

export async function plan(app: App, patterns: string[], options: PlanOptions): Promise<number> {
  const session = await openSession(app, options);
  const { graph, store, study } = session;
  const targets = selectTargets(graph, patterns);
  const decider = new Decider(graph, store, forcedTargets(graph, options.force), study, tellHashing(options));
  await decider.prepare(targets);
  const resolved = await resolveAll(decider, graph, targets);
  const decisions = [...resolved.values()].map(({ decision }) => decision);
  const expected = forecast(graph, store, decisions, options.workers ?? availableParallelism());
  if (options.json) {
    const byTarget = new Map(expected.targets.map(({ target, isCertain, ...numbers }) => [target, numbers]));
    out(
      JSON.stringify(
        decisions.map((d) => ({ ...d, forecast: byTarget.get(d.target) })),
        null,
        2,
      ),
    );
  } else out(renderPlan(decisions, { expected, study, width: outWidth() }));
  const code = exitCodeOfDecisions(decisions);
  if (options.output !== undefined && code === 0) {
    const { writePlanned } = await import('../session/planned.ts');
    await writePlanned(options.output, session, decider, resolved, { patterns, options, forecast: expected });
    note(`Plan written to ${options.output}`);
  }
  return code;
}

export interface PlanText {
  readonly expected?: Forecast;
  /** Study for which the decisions were made. */
  readonly study?: string;
  /** Width of the terminal, for cutting reasons that do not fit. */
  readonly width?: number;
}

function renderPlan(decisions: readonly Decision[], { expected, study = '', width }: PlanText = {}): string {
  const of = (...states: State[]) => decisions.filter((d) => states.includes(d.state));
  const open = of('stale', 'unknown', 'blocked', 'failed');
  const upToDate = decisions.length - open.length;
  if (open.length === 0) return `Nothing to do: ${count(upToDate, 'target')} up to date.`;
  const hasTimes = expected?.targets.some(({ ms }) => ms !== undefined) ?? false;
  const undecided = open.filter((d) => !willRun(d) && d.state === 'unknown');
  const alike = [...Map.groupBy(undecided, (d) => reason(d, study))].filter(
    ([, of]) => of.length > FEW_ALIKE,
  );
  const together = new Set(alike.flatMap(([, group]) => group));
  const rows = open
    .filter((d) => !together.has(d))
    .map((d) => [
      verb(d),
      d.target,
      ...(hasTimes ? [targetTime(expected!, d.target)] : []),
      reason(d, study),
    ]);
  const toRun = open.filter(willRun).length;
  const tally = [
    [toRun, 'to run'],
    [of('stale', 'unknown').length - toRun, 'to be decided when their inputs are known'],
    [of('failed').length, 'that cannot run'],
    [of('blocked').length, 'blocked by those'],
    [upToDate, 'up to date'],
  ] as const;
  const words = tally.filter(([n]) => n > 0).map(([n, text]) => `${n} ${text}`);
  const table = textTable({ rows, right: new Set(hasTimes ? [2] : []), width });
  const groups = alike.map(([why, group]) => `${paint('cyan', 'maybe')}  ${why}: ${stageTally(group)}`);
  const told = expected === undefined ? undefined : forecastText(expected);
  const summary = `${count(decisions.length, 'target')}: ${words.join(', ')}.`;
  return [table, ...groups, '', summary, ...(told === undefined ? [] : [told])].join('\n');
}

/** Largest number of targets with the same reason that have a line each. */
const FEW_ALIKE = 3;

/** Stages with the numbers of their targets: `load, encode (4)`. */
function stageTally(decisions: readonly Decision[]): string {
  const byStage = Map.groupBy(decisions, ({ target }) => target.replace(/\[.*/, ''));
  return [...byStage]
    .map(([stage, own]) => (own.length === 1 ? stage : `${stage} (${own.length})`))
    .join(', ');
}

/** Whether a target is stale, or sure to become so: whatever comes from upstream, a cause of its own remains. */
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
    case 'fresh':
    case 'cached':
      return paint('green', 'keep');
    default:
      return never(state);
  }
}
