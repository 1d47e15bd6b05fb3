/** `status`: the state of every target. */
import { decide, type Shown, type StudyPlace, selectTargets, shownOf } from '../../flow/index.ts';
import type { App } from '../app.ts';
import { exitCodeOfDecisions } from '../exit-code.ts';
import { forcedTargets } from '../options/force.ts';
import type { RunCommandOptions } from '../options/options.ts';
import { paintState, reason, STATES } from '../output/decisions.ts';
import { textTable } from '../output/table.ts';
import { out, outWidth, shownPath } from '../output/ui.ts';
import { count, duration } from '../output/units.ts';
import { tellHashing } from '../render/hashing.ts';
import { openSession } from '../session/session.ts';
import { described } from '../session/where-outputs.ts';

export async function status(app: App, patterns: string[], options: RunCommandOptions): Promise<number> {
  const { graph, store, study, place } = await openSession(app, options);
  const targets = selectTargets(graph, patterns);
  const decisions = await decide(graph, store, {
    targets,
    force: forcedTargets(graph, options.force),
    study,
    watch: tellHashing(options),
  });
  if (options.json) {
    out(JSON.stringify(decisions, null, 2));
    return exitCodeOfDecisions(decisions);
  }
  const rows = decisions.map((d) => [paintState(d.state), d.target, reason(d, study)]);
  const tally = STATES.map((state) => [state, decisions.filter((d) => d.state === state).length] as const)
    .filter(([, n]) => n > 0)
    .map(([state, n]) => `${n} ${state}`);
  out(textTable({ rows, width: outWidth() }));
  out(`\n${count(decisions.length, 'target')}: ${tally.join(', ')}.`);
  for (const line of shownRuns(place)) out(line);
  return exitCodeOfDecisions(decisions);
}

/** Lines on the runs that the study shows: one on the latest, and one on a later part. */
function shownRuns(place: StudyPlace): string[] {
  const { latest, partial } = shownOf(place);
  if (latest === undefined) return ['No run of this study has finished yet.'];
  const line = (shown: Shown) =>
    `${shownPath(shown.folder)} shows ${described(shown)}, which took ${duration(shown.durationMs)}.`;
  return [line(latest), ...(partial === undefined ? [] : [line(partial)])];
}
