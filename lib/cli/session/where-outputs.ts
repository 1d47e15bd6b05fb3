/** Text on the place of a run's outputs. */
import type { RunOutputs, Shown } from '../../flow/index.ts';
import { shortId } from '../../flow/index.ts';
import { paint, shownPath } from '../output/ui.ts';
import { count, dateTime } from '../output/units.ts';

/**
 * Notes on the place of the outputs; undefined if they are where they always are, made as the config says: then the end
 * of the run names them.
 *
 * @param open number of targets of the study that are not up to date
 */
export function whereOutputsAre(
  { folder, complete, study, takenBy, latest }: RunOutputs,
  { open, given }: { open: number; given: readonly string[] },
): string | undefined {
  const lines: string[] = [];
  if (!complete) {
    lines.push(`Of the study, ${count(open, 'target')} ${open === 1 ? 'is' : 'are'} not up to date.`);
    if (latest !== undefined) lines.push(`The latest outputs stay those of ${described(latest)}.`);
  }
  if (lines.length > 0 || given.length > 0)
    lines.push(
      `Outputs of this run: ${shownPath(folder)}${given.length === 0 ? '' : `, made with ${given.join(' ')}`}`,
    );
  if (takenBy !== undefined)
    lines.push(
      `The study is called ${study} in this store, which has another by the name of ${shownPath(takenBy)}.`,
    );
  return lines.length === 0 ? undefined : paint('dim', lines.join('\n'), process.stderr);
}

/** Describes a run: `the complete run 9e1cf5 of 2026-11-21 14:07`, with the values given beside the config. */
export function described({ run, complete, given, startedAt }: Shown): string {
  const when = startedAt === undefined ? '' : ` of ${dateTime(new Date(startedAt))}`;
  const what = complete === false ? 'the partial run' : 'the complete run';
  return `${what} ${shortId(run)}${when}${given?.length ? `, made with ${given.join(' ')}` : ''}`;
}
