/** Decisions as people read them. */
import type { Decision, State } from '../flow/index.ts';
import { describeCauses, type Graph, matchTargets } from '../flow/index.ts';
import { fit } from './table.ts';
import { paint, type Style } from './ui.ts';

export const STATES: readonly State[] = ['fresh', 'cached', 'stale', 'unknown', 'blocked', 'failed'];

const STYLES: Readonly<Record<State, Style>> = {
  fresh: 'green',
  cached: 'green',
  stale: 'yellow',
  unknown: 'cyan',
  blocked: 'red',
  failed: 'red',
};

export function paintState(state: State): string {
  return paint(STYLES[state], state);
}

/** Causes can be as long as the config: `why --json` says them in full. */
const REASON_WIDTH = 100;

/** Why, in one line: the target's own causes, or where the change began. */
export function reason(decision: Decision): string {
  return fit(fullReason(decision), REASON_WIDTH);
}

function fullReason(decision: Decision): string {
  const { target, causes, root } = decision;
  const own = causes.filter((c) => c.kind !== 'upstream' && !(c.kind === 'input' && !c.external));
  if (own.length > 0 || root === undefined || root.target === target)
    return describeCauses(own.length > 0 ? own : causes);
  const isNew = root.causes.every((c) => c.kind === 'new');
  return isNew ? describeCauses(causes) : `${root.target}: ${describeCauses(root.causes)}`;
}

/** Targets and stages by name, in the order of the graph. */
export function namedTargets(graph: Graph, names: readonly string[]): Set<string> {
  const wanted = new Set(names.flatMap((name) => matchTargets(graph, name)));
  return new Set([...graph.targets.keys()].filter((id) => wanted.has(id)));
}
