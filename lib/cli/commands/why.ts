/** `why`: the decision about a target, where it began, and the exact differences there. */

import type { CodeChange } from '../../flow/code/change.ts';
import { Decider, type Decision, describeCause, resolveAll, type State } from '../../flow/index.ts';
import type { App } from '../app.ts';
import { forcedTargets } from '../options/force.ts';
import type { WhyOptions } from '../options/options.ts';
import { namedTargets, paintState } from '../output/decisions.ts';
import { out, paint } from '../output/ui.ts';
import { renderCodeChanges } from '../render/diff.ts';
import { tellHashing } from '../render/hashing.ts';
import { openSession } from '../session/session.ts';

export async function why(app: App, names: string[], options: WhyOptions): Promise<number> {
  const { graph, store, study } = await openSession(app, options);
  const wanted = namedTargets(graph, names);
  const decider = new Decider(graph, store, forcedTargets(graph, options.force), study, tellHashing(options));
  const all = new Set(graph.targets.keys());
  await decider.prepare(all);
  const resolved = await resolveAll(decider, graph, all);
  const asked = [...wanted].map((id) => explained(resolved.get(id)!.decision, decider));
  if (options.json) out(JSON.stringify(asked, null, 2));
  else out(renderDecisions(asked, { study, full: options.full }));
  return 0;
}

/** A decision with the code that changed where it began. */
export interface Explained extends Decision {
  readonly codeChanges?: readonly CodeChange[];
}

function explained(decision: Decision, decider: Decider): Explained {
  const { root } = decision;
  if (root?.comparedWith === undefined || !root.causes.some((c) => c.kind === 'code')) return decision;
  return { ...decision, codeChanges: decider.codeChangesSince(root.target, root.comparedWith.key) };
}

const MEANINGS: Readonly<Record<State, string>> = {
  fresh: 'its outputs are up to date',
  cached: 'its outputs are in the store, from an earlier run with the same inputs',
  stale: 'it must run',
  unknown: 'if what it depends on comes out as before, it is reused',
  blocked: 'a target before it cannot run',
  failed: 'it cannot be decided',
};

/** Limits of the text: a changed value may be long, and there may be many. `--full` and `--json` show everything. */
const VALUE_WIDTH = 100;
const CAUSES = 20;
const DIFF_LINES = 60;

export function renderDecisions(
  decisions: readonly Explained[],
  { study = '', full = false }: { study?: string; full?: boolean } = {},
): string {
  const shown = new Map<string, string>();
  return decisions.map((d) => renderDecision(d, study, full, shown)).join('\n\n');
}

/**
 * Text of one decision.
 *
 * @param shown the targets whose code was shown already → where
 */
function renderDecision(
  { target, state, causes, comparedWith, root, codeChanges }: Explained,
  study: string,
  full: boolean,
  shown: Map<string, string>,
): string {
  const lines = [
    `${paint('bold', target)} is ${paintState(state)}: ${MEANINGS[state]}`,
    ...causeLines(causes, full),
  ];
  if (root !== undefined && root.target !== target) {
    lines.push(`root cause: ${paint('bold', root.target)}`, ...causeLines(root.causes, full));
  }
  const since = root?.comparedWith ?? comparedWith;
  if (since !== undefined && since.study !== study) {
    lines.push(`compared with its last run for ${since.study || 'a study that is not named'}`);
  }
  if (codeChanges !== undefined && root !== undefined) {
    const first = shown.get(root.target);
    if (first !== undefined) lines.push(`  the code of ${root.target}: see ${first}`);
    else lines.push('', renderCodeChanges(codeChanges, full ? Number.POSITIVE_INFINITY : DIFF_LINES));
    shown.set(root.target, first ?? target);
  }
  return lines.join('\n');
}

/** Lines on the causes. Targets that are waited for are always listed: only changes can be many. */
function causeLines(causes: Decision['causes'], full: boolean): string[] {
  const text = (cause: Decision['causes'][number]) =>
    `  ${describeCause(cause, { width: full ? undefined : VALUE_WIDTH })}`;
  if (full || causes.length <= CAUSES) return causes.map(text);
  const waits = causes.filter(({ kind }) => kind === 'upstream');
  const changes = causes.filter(({ kind }) => kind !== 'upstream');
  const shown = changes.slice(0, CAUSES - 1);
  return [
    ...shown.map(text),
    `  … and ${changes.length - shown.length} more: --full shows all`,
    ...waits.map(text),
  ];
}
