/** Record of a run: its published outputs and its manifest. */
import type { Decider, Resolved } from '../decide/decide.ts';
import type { Graph } from '../graph/target.ts';
import { manifestTargets } from '../runs/manifest.ts';
import type { RunLog } from '../runs/run-log.ts';
import type { StoredOutput } from '../store/record.ts';
import type { RunOptions, RunResult } from './run-options.ts';

/**
 * Published outputs, by name, of every target that is up to date under this config, whether it ran now or not. Resolves
 * targets that are not in `resolved` yet and adds them.
 */
export async function currentOutputs(
  graph: Graph,
  decider: Decider,
  resolved: Map<string, Resolved>,
): Promise<Map<string, StoredOutput>> {
  const outputs = new Map<string, StoredOutput>();
  for (const target of graph.targets.values()) {
    const found = resolved.get(target.id) ?? (await decider.resolve(target, resolved));
    resolved.set(target.id, found);
    for (const { slot, name } of target.publish) {
      const output = found.record?.outputs[slot];
      if (output !== undefined) outputs.set(name, output);
    }
  }
  return outputs;
}

export function runManifest(
  { outcome, run, failed, blocked, durationMs }: Omit<RunResult, 'outputs' | 'upToDate'>,
  about: {
    readonly graph: Graph;
    readonly options: RunOptions;
    readonly resolved: ReadonlyMap<string, Resolved>;
    /** Targets that ran in this run. */
    readonly ran: ReadonlySet<string>;
    readonly log: RunLog;
    /** Start time in milliseconds since 1970. */
    readonly startedAt: number;
  },
): object {
  const { graph, options, startedAt } = about;
  return {
    ...options.manifest,
    run,
    seed: graph.seed,
    outcome,
    startedAt: new Date(startedAt).toISOString(),
    endedAt: new Date(startedAt + durationMs).toISOString(),
    durationMs: Math.round(durationMs),
    study: options.study,
    workers: options.workers,
    targets: manifestTargets(graph, about.resolved, about.ran),
    failed: failed.map(({ target, error: { stack, ...error } }) => ({ target, error })),
    blocked,
    actions: about.log.actions,
  };
}
