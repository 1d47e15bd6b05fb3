/** Entries of a run's manifest about its targets. */
import type { Resolved } from '../decide/decide.ts';
import type { Graph, InputSource, Target } from '../graph/target.ts';
import type { InputContent, KeyIngredients } from '../keys/key.ts';
import type { ManifestInput, ManifestTarget } from './run-manifest.ts';

/** Manifest entries of all targets that are up to date after a run, selected or not, with their states and causes. */
export function manifestTargets(
  graph: Graph,
  resolved: ReadonlyMap<string, Resolved>,
  ran: ReadonlySet<string>,
): Record<string, ManifestTarget> {
  const targets: Record<string, ManifestTarget> = {};
  for (const id of graph.targets.keys()) {
    const { record, decision, ingredients } = resolved.get(id) ?? {};
    if (record === undefined || decision === undefined) continue;
    const { key, outputs, durationMs, work } = record;
    targets[id] = {
      key,
      state: ran.has(id) ? 'ran' : decision.state,
      causes: decision.causes,
      inputs: manifestInputs(graph.targets.get(id)!, ingredients!.inputs),
      outputs,
      durationMs,
      work,
    };
  }
  return targets;
}

function manifestInputs(
  target: Target,
  contents: KeyIngredients['inputs'],
): Record<string, readonly ManifestInput[]> {
  const entries = Object.entries(target.inputs).map(([slot, source]) => {
    const content = [contents[slot]].flat() as InputContent[];
    const inputs = ([source].flat() as InputSource[]).map((one, i): ManifestInput => {
      const { hash } = content[i];
      return one.from === 'artifact'
        ? { target: one.target, output: one.output, hash }
        : { file: one.path, hash };
    });
    return [slot, inputs] as const;
  });
  return Object.fromEntries(entries);
}
