/** Room on the store's disk: asked for before the first target runs, and told of where it ran out. */
import type { Decider } from '../decide/decide.ts';
import { resolveAll } from '../decide/decide-all.ts';
import { forecast } from '../decide/forecast.ts';
import type { Graph, Target } from '../graph/target.ts';
import { requireTakenNames } from '../runs/publish-names.ts';
import { requireLinks } from '../runs/published-folder.ts';
import { checkSpace, diskError, freeBytes, removedStore } from '../store/disk-space.ts';
import type { Store } from '../store/store.ts';
import { bytesOf } from '../store/work.ts';

/**
 * Throws if the store cannot be written everywhere, or cannot show what the graph publishes, or the disk has no room for
 * what is sure to be written, as far as earlier runs tell how much that is. Returns a warning if there may be too little.
 */
export async function requireRoom(
  store: Store,
  graph: Graph,
  decider: Decider,
  { targets, workers }: { targets: ReadonlySet<string>; workers: number },
): Promise<string | undefined> {
  store.requireWritable();
  requireLinks(store);
  requireTakenNames(store, graph.targets.values());
  const resolved = await resolveAll(decider, graph, targets);
  const decisions = [...resolved.values()].map(({ decision }) => decision);
  const { certainBytes, bytes } = forecast(graph, store, decisions, workers);
  checkSpace(store, certainBytes);
  if (freeBytes(store.dir) >= bytes) return undefined;
  return 'the disk may become full before all targets are made';
}

/** An error of a target as it is to be told: a full disk with how much is missing, as far as an earlier record says. */
export function explainDiskError(store: Store, target: Target, error: unknown): unknown {
  const last = store.lastRecord(target.id);
  const needed = last === undefined ? undefined : (last.work?.bytes ?? bytesOf(last.outputs));
  return diskError(error, store.dir, needed) ?? removedStore(store.dir, error) ?? error;
}
