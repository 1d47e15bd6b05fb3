/** What the record of a run says of its targets. */
import type { Resolved } from './decide.ts';
import type { State } from './decision.ts';
import type { Graph, InputSource, Target } from './graph.ts';
import type { ActionKey, ContentHash, InputContent, KeyIngredients } from './key.ts';
import type { StoredOutput } from './store.ts';
import type { Work } from './work.ts';

/** An input of a target in a run: a file, or the output of another target, and what was in it. */
export type ManifestInput =
  | { readonly file: string; readonly hash: ContentHash }
  | { readonly target: string; readonly output: string; readonly hash: ContentHash };

export interface ManifestTarget {
  readonly key: ActionKey;
  readonly state: State | 'ran';
  readonly causes: Resolved['decision']['causes'];
  readonly inputs: Readonly<Record<string, readonly ManifestInput[]>>;
  readonly outputs: Readonly<Record<string, StoredOutput>>;
  readonly durationMs: number;
  readonly work?: Work;
}

/** The targets that are up to date after a run, asked for or not, with how they came to be so. */
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
      return one.from === 'file'
        ? { file: one.path, hash }
        : { target: one.target, output: one.output, hash };
    });
    return [slot, inputs] as const;
  });
  return Object.fromEntries(entries);
}
