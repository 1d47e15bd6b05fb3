/** Decisions as text for people. */
import type { Decision, State } from '../../flow/index.ts';
import { describeCausesFor, type Graph, matchTargets } from '../../flow/index.ts';
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

/** Widths of reasons. Causes can be as long as the config: `why --json` gives them in full. */
const REASON_WIDTH = 100;
const VALUE_WIDTH = 40;

/** Reason for a decision, in one line: the target's own causes, or where the change began, and the targets it waits for. */
export function reason(decision: Decision, study: string): string {
  return fit(fullReason(decision, study), REASON_WIDTH);
}

function fullReason(decision: Decision, study: string): string {
  const { target, state, causes, root } = decision;
  const inWords = (of: Pick<Decision, 'causes' | 'comparedWith'>) =>
    describeCausesFor(study, of, { width: VALUE_WIDTH });
  const waits = causes.filter((c) => c.kind === 'upstream');
  const own = causes.filter((c) => c.kind !== 'upstream' && !(c.kind === 'input' && !c.external));
  if (own.length > 0) return inWords({ ...decision, causes: own });
  // A waiting target says what it waits for; why that must run stands in its own line.
  if (state === 'unknown' || root === undefined || root.target === target) return inWords(decision);
  if (waits.length > 0) return inWords({ ...decision, causes: waits });
  return root.causes.every((c) => c.kind === 'new') ? inWords(decision) : `${root.target}: ${inWords(root)}`;
}

/** Targets and stages by name, in the order of the graph. */
export function namedTargets(graph: Graph, names: readonly string[]): Set<string> {
  const wanted = new Set(names.flatMap((name) => matchTargets(graph, name)));
  return new Set([...graph.targets.keys()].filter((id) => wanted.has(id)));
}
