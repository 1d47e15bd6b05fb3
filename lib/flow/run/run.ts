/** Entry point of the engine: brings targets up to date. */
import { randomBytes } from 'node:crypto';
import type { Graph } from '../graph/target.ts';
import type { AbandonedSession } from '../locks/session-lock.ts';
import { Waits } from '../locks/waits.ts';
import { removedStore } from '../store/disk-space.ts';
import type { Store } from '../store/store.ts';
import { LiveRun } from './live-run.ts';
import type { RunOptions, RunResult } from './run-options.ts';

/**
 * Brings targets of a graph up to date: runs those that are not, and publishes their outputs. A failure of a stage is part
 * of the result and is not thrown. Throws if the run as a whole cannot continue: a data error for missing files, a store
 * error for a store that is unusable, full or was removed meanwhile, and a locked error if another process took this one
 * for dead.
 */
export async function run(graph: Graph, store: Store, options: RunOptions): Promise<RunResult> {
  const id = runId();
  const waits = new Waits(options.onEvent);
  const { drain: signal } = options;
  let isOpen = false;
  const go = (abandoned: readonly AbandonedSession[]) => {
    isOpen = true;
    return new LiveRun(id, graph, store, options, waits).go(abandoned);
  };
  try {
    return await store.use(go, {
      signal,
      onWait: (...wait) => waits.tell('the store', undefined, ...wait),
      run: id,
    });
  } catch (error) {
    throw (isOpen ? removedStore(store.dir, error) : undefined) ?? error;
  }
}

/** Makes a run id that sorts by time and is unique among processes. */
function runId(): string {
  return `${new Date().toISOString().replace(/[:.]/g, '-')}-${randomBytes(3).toString('hex')}`;
}
