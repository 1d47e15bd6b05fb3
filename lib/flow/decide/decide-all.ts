/** Decisions on all targets of a graph at once, as far as possible before anything runs. */
import type { Graph } from '../graph/target.ts';
import type { HashWatch } from '../keys/stat-cache.ts';
import type { Store } from '../store/store.ts';
import { Decider, type Resolved } from './decide.ts';
import type { Decision } from './decision.ts';

/** Decides all targets, or the given ones, in topological order. Writes nothing. */
export async function decide(
  graph: Graph,
  store: Store,
  {
    targets = new Set(graph.targets.keys()),
    force,
    study,
    watch,
  }: {
    targets?: ReadonlySet<string>;
    force?: ReadonlySet<string>;
    study?: string;
    watch?: HashWatch;
  } = {},
): Promise<Decision[]> {
  const decider = new Decider(graph, store, force, study, watch);
  await decider.prepare(targets);
  return [...(await resolveAll(decider, graph, targets)).values()].map((r) => r.decision);
}

/** Decides targets in topological order with a prepared decider. Returns decisions with their keys and records, by target. */
export async function resolveAll(
  decider: Decider,
  graph: Graph,
  targets: ReadonlySet<string>,
): Promise<Map<string, Resolved>> {
  const resolved = new Map<string, Resolved>();
  for (const target of graph.targets.values()) {
    if (targets.has(target.id)) resolved.set(target.id, await decider.resolve(target, resolved));
  }
  return resolved;
}
