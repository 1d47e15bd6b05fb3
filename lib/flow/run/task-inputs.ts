/** Inputs in the form that workers get: kinds and paths. */
import type { Resolved } from '../decide/decide.ts';
import type { InputSource, Target } from '../graph/target.ts';
import { listFolder } from '../keys/folder.ts';
import type { KeyIngredients } from '../keys/key.ts';
import { folderView } from '../runs/publish.ts';
import type { ActionRecord, StoredOutput } from '../store/record.ts';
import type { Store } from '../store/store.ts';
import { outputBytes } from '../store/work.ts';
import type { TaskInput } from '../workers/task.ts';

/** Inputs of a target for a worker, by slot. */
export async function taskInputs(
  store: Store,
  target: Target,
  ingredients: KeyIngredients,
  upstream: ReadonlyMap<string, Resolved>,
): Promise<Record<string, TaskInput | TaskInput[]>> {
  const open = async (source: InputSource, hash: string): Promise<TaskInput> => {
    if (source.from === 'file') return { kind: 'file', path: source.path, hash };
    if (source.from === 'folder') {
      const entries = listFolder(source.path);
      const links = entries.flatMap(({ target }) => target ?? []);
      const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
      return { kind: 'folder', path: source.path, hash, bytes, links };
    }
    return asInput(store, upstream.get(source.target)!.record!.outputs[source.output]);
  };
  const inputs: Record<string, TaskInput | TaskInput[]> = {};
  for (const [slot, source] of Object.entries(target.inputs)) {
    const content = [ingredients.inputs[slot]].flat();
    if (Array.isArray(source))
      inputs[slot] = await Promise.all(source.map((s, i) => open(s, content[i].hash)));
    else inputs[slot] = await open(source as InputSource, content[0].hash);
  }
  return inputs;
}

function asInput(store: Store, output: StoredOutput): TaskInput {
  const path = output.files === undefined ? store.objectPath(output.hash) : folderView(store, output);
  return { kind: output.kind, path, hash: output.hash, bytes: outputBytes(output) };
}

/** Outputs of an action, as inputs of other actions. */
export function outputsAsInputs(store: Store, record: ActionRecord): Record<string, TaskInput> {
  return Object.fromEntries(Object.entries(record.outputs).map(([slot, o]) => [slot, asInput(store, o)]));
}
