/** Priorities of targets that are ready to start: the one with the longest critical path goes first. */
import type { Graph } from '../graph/target.ts';
import type { Store } from '../store/store.ts';

/** Assumed milliseconds of a target that was never made. */
const UNKNOWN_MS = 1000;

/** Estimated milliseconds from the start of each target to the end of the run: its critical path. */
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
