/** `why`: what was decided about a target, and where it began. */
import { type Decision, decide, describeCause, type State } from '../../flow/index.ts';
import type { App } from '../app.ts';
import { namedTargets, paintState } from '../decisions.ts';
import { forcedTargets } from '../force.ts';
import type { RunCommandOptions } from '../options.ts';
import { openSession } from '../session.ts';
import { fit } from '../table.ts';
import { out, paint } from '../ui.ts';

export async function why(app: App, names: string[], options: RunCommandOptions): Promise<number> {
  const { graph, store } = await openSession(app, options);
  const wanted = namedTargets(graph, names);
  const decisions = await decide(graph, store, { force: forcedTargets(graph, options.force) });
  const asked = decisions.filter((d) => wanted.has(d.target));
  if (options.json) out(JSON.stringify(asked, null, 2));
  else out(asked.map(renderDecision).join('\n\n'));
  return 0;
}

const MEANINGS: Readonly<Record<State, string>> = {
  fresh: 'the outputs of its last run still hold',
  cached: 'an earlier run with exactly these inputs left its outputs in the store',
  stale: 'it must run',
  unknown: 'it depends on what targets before it give; if that is what it was, nothing runs',
  blocked: 'a target before it cannot run',
  failed: 'it cannot be decided',
};

/** A changed value may be a whole table of settings: `--json` shows all of it. */
const CAUSE_WIDTH = 240;

export function renderDecision({ target, state, causes, root }: Decision): string {
  const lines = [`${paint('bold', target)} is ${paintState(state)}: ${MEANINGS[state]}`];
  for (const cause of causes) lines.push(`  ${fit(describeCause(cause), CAUSE_WIDTH)}`);
  if (root !== undefined && root.target !== target) {
    lines.push(`root cause: ${paint('bold', root.target)}`);
    for (const cause of root.causes) lines.push(`  ${fit(describeCause(cause), CAUSE_WIDTH)}`);
  }
  return lines.join('\n');
}
