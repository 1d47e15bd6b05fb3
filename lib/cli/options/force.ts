/** Targets that `--force` names: themselves, without the targets they need. */
import { type Graph, matchTargets } from '../../flow/index.ts';

export function forcedTargets(graph: Graph, names: readonly string[]): Set<string> {
  return new Set(names.flatMap((name) => name.split(',')).flatMap((name) => matchTargets(graph, name)));
}
