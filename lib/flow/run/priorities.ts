/** Which of the targets that could start goes first: the one that the end of the run waits for longest. */
import type { Graph } from '../graph/target.ts';
import type { Store } from '../store/store.ts';

/** What a target takes that was never made. */
const UNKNOWN_MS = 1000;

/** For each target the estimated time from its start to the end of the run: the critical path. */
export function estimatePriorities(graph: Graph, store: Store): Map<string, number> {
  const priorities = new Map<string, number>();
  const rest = new Map<string, number>();
  for (const { id, dependsOn } of [...graph.targets.values()].reverse()) {
    const priority = (store.lastRecord(id)?.durationMs ?? UNKNOWN_MS) + (rest.get(id) ?? 0);
    priorities.set(id, priority);
    for (const upstream of dependsOn) rest.set(upstream, Math.max(rest.get(upstream) ?? 0, priority));
  }
  return priorities;
}
