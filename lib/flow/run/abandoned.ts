/** Reports on abandoned sessions, whose process was killed or whose machine went down. */
import { existsSync, readFileSync } from 'node:fs';
import type { FlowEvent } from '../events.ts';
import { holderName } from '../locks/holder-words.ts';
import { lifeOf } from '../locks/lock-owner.ts';
import type { AbandonedSession } from '../locks/session-lock.ts';
import { endProcesses, markOf, startedBy } from '../processes/child-processes.ts';
import type { Store } from '../store/store.ts';
import { inUnits } from '../text/byte-units.ts';

/** Ends processes that abandoned sessions left running. Returns a message for each session. */
export async function endAbandoned(store: Store, sessions: readonly AbandonedSession[]): Promise<string[]> {
  const words: string[] = [];
  for (const session of sessions) words.push(describeAbandoned(store, session, await endChildrenOf(session)));
  return words;
}

/** Ends the surviving child processes of an abandoned session. Returns their number. */
async function endChildrenOf({ holder: { owner } }: AbandonedSession): Promise<number> {
  if (owner === undefined || owner.startTime === '' || lifeOf(owner) !== 'dead') return 0;
  const processes = startedBy(markOf(owner));
  await endProcesses(processes);
  return processes.length;
}

function describeAbandoned(
  store: Store,
  { holder, files, bytes }: AbandonedSession,
  children: number,
): string {
  const run = holder.owner?.run;
  const paths = run === undefined ? undefined : store.layout.run(run);
  const what = run === undefined ? 'an earlier command' : `an earlier run (${run})`;
  const hasRecord = paths !== undefined && existsSync(paths.manifest);
  const end = hasRecord ? 'was killed after it had written its record' : 'ended without a record';
  const sentences = [`${what} of ${holderName(holder)} ${end}`];
  if (paths !== undefined && !hasRecord) {
    const unfinished = unfinishedTargets(paths.events);
    sentences.push(
      unfinished.length === 0
        ? 'no target was under way'
        : `${countOf(unfinished.length, 'target')} under way: ${unfinished.slice(0, 5).join(', ')}${unfinished.length > 5 ? ' …' : ''}`,
    );
  }
  if (files > 0) sentences.push(`${countOf(files, 'temporary file')} cleared (${inUnits(bytes)})`);
  if (children > 0) sentences.push(`${countOf(children, 'process', 'es')} that it had started ended`);
  return `${sentences.join('; ')}. What it had finished is kept.`;
}

const countOf = (n: number, noun: string, plural = 's') => `${n} ${noun}${n === 1 ? '' : plural}`;

/** Targets that a run started but did not finish, from its event log, whose last line may be incomplete. */
function unfinishedTargets(file: string): string[] {
  const targets = new Set<string>();
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // the run had not started any target
  }
  for (const line of text.split('\n')) {
    let event: FlowEvent;
    try {
      event = JSON.parse(line);
    } catch {
      continue;
    }
    if (event.type === 'target-started') targets.add(event.target);
    if (event.type === 'target-finished' || event.type === 'target-failed') targets.delete(event.target);
  }
  return [...targets];
}
