/** What is told of a process that never left the store, because it was killed or its machine went down. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FlowEvent } from '../events.ts';
import { holderName } from '../locks/holder-words.ts';
import { lifeOf } from '../locks/lock-owner.ts';
import type { Departed } from '../locks/session-lock.ts';
import { endProcesses, markOf, startedBy } from '../processes/child-processes.ts';
import type { Store } from '../store/store.ts';
import { inUnits } from '../text/byte-units.ts';

export type { Departed };

/** Ends the processes that it had started for its actions, and that went on without it. Gives their number. */
export async function endChildrenOf({ holder: { owner } }: Departed): Promise<number> {
  if (owner === undefined || owner.startTime === '' || lifeOf(owner) !== 'dead') return 0;
  const processes = startedBy(markOf(owner));
  await endProcesses(processes);
  return processes.length;
}

export function departedWords(store: Store, { holder, files, bytes }: Departed, children: number): string {
  const run = holder.owner?.run;
  const folder = run === undefined ? undefined : join(store.dir, 'runs', run);
  const what = run === undefined ? 'an earlier command' : `an earlier run (${run})`;
  const hasRecord = folder !== undefined && existsSync(join(folder, 'manifest.json'));
  const end = hasRecord ? 'was killed after it had written its record' : 'ended without a record';
  const sentences = [`${what} of ${holderName(holder)} ${end}`];
  if (folder !== undefined && !hasRecord) {
    const unfinished = unfinishedTargets(join(folder, 'events.ndjson'));
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

/** Targets that a run began and did not end, by its events; the last line of these may be cut off. */
function unfinishedTargets(file: string): string[] {
  const targets = new Set<string>();
  let text = '';
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // it had not begun with any
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
