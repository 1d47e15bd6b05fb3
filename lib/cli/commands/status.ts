/** `status`: the state of every target. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decide, type Store, selectTargets } from '../../flow/index.ts';
import type { App } from '../app.ts';
import { paintState, reason, STATES } from '../decisions.ts';
import { exitCodeOfDecisions } from '../exit-code.ts';
import { forcedTargets } from '../force.ts';
import type { RunCommandOptions } from '../options.ts';
import { openSession } from '../session.ts';
import { textTable } from '../table.ts';
import { out, outWidth, shownPath } from '../ui.ts';
import { count, duration } from '../units.ts';

export async function status(app: App, patterns: string[], options: RunCommandOptions): Promise<number> {
  const { graph, store, study } = await openSession(app, options);
  const targets = selectTargets(graph, patterns);
  const decisions = await decide(graph, store, {
    targets,
    force: forcedTargets(graph, options.force),
    study,
  });
  if (options.json) {
    out(JSON.stringify(decisions, null, 2));
    return exitCodeOfDecisions(decisions);
  }
  const rows = decisions.map((d) => [paintState(d.state), d.target, reason(d)]);
  const tally = STATES.map((state) => [state, decisions.filter((d) => d.state === state).length] as const)
    .filter(([, n]) => n > 0)
    .map(([state, n]) => `${n} ${state}`);
  out(textTable({ rows, width: outWidth() }));
  out(`\n${count(decisions.length, 'target')}: ${tally.join(', ')}.`);
  out(lastRun(store));
  return exitCodeOfDecisions(decisions);
}

/** One line about the run whose outputs are in `latest/`. */
function lastRun(store: Store): string {
  const latest = join(store.dir, 'latest');
  try {
    const { run, durationMs } = JSON.parse(readFileSync(join(latest, 'run.json'), 'utf8'));
    return `${shownPath(latest)} shows run ${run}, which took ${duration(durationMs)}.`;
  } catch {
    return 'No run has finished yet.';
  }
}
