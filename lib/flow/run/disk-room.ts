/** Free space on the store's disk: checked before the first target runs, and reported when it runs out. */
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
 * Checks that the store is writable, that it can publish the outputs of the graph, and that the disk has room for the bytes
 * that are certain to be written, as forecast from earlier runs. Throws if not. Returns a warning if the room may be too
 * little.
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

/**
 * Converts an error of a target for reporting: a full disk with the space needed, if an earlier record tells it, and a
 * removed store. Returns any other error unchanged.
 */
export function explainDiskError(store: Store, target: Target, error: unknown): unknown {
  const last = store.lastRecord(target.id);
  const needed = last === undefined ? undefined : (last.work?.bytes ?? bytesOf(last.outputs));
  return diskError(error, store.dir, needed) ?? removedStore(store.dir, error) ?? error;
}
