/** The inputs of a task as the stage sees them: handles of the kinds that the stage declares. */
import { OperationalError } from '../../errors.ts';
import { importStage } from '../code/import-stage.ts';
import { inputsOf } from '../graph/answers.ts';
import type { AnyKind, OutputDeclaration, Stage } from '../stage.ts';
import type { Task, TaskInput } from './task.ts';

/** Handles by slot. For a part, asking for an input that it was not given throws an error of kind `impure`. */
export async function openInputs(task: Task): Promise<Record<string, unknown>> {
  const all = Object.values(task.inputs).flat() as TaskInput[];
  const kinds = all.every(isFile) ? {} : await kindsBySlot(task);
  const handles: Record<string, unknown> = {};
  for (const [slot, input] of Object.entries(task.inputs)) {
    handles[slot] = Array.isArray(input)
      ? input.map((one) => openInput(one, kinds[slot]))
      : openInput(input as TaskInput, kinds[slot]);
  }
  return task.portion.role === 'part' ? refusing(handles, task) : handles;
}

/**
 * The kinds in which the stage reads each slot. Its declaration is evaluated in an instance of the stage's file of its own,
 * so that nothing of what `inputs` was given is left where `run` could find it.
 */
async function kindsBySlot({
  target,
  module,
  imports,
  wiring,
  instance,
}: Task): Promise<Record<string, AnyKind[]>> {
  const url = `${module}${module.includes('?') ? '&' : '?'}inputs`;
  const stage = (await importStage(url, imports)).default as Stage;
  const { inputs } = inputsOf({ stage, id: target, instance, config: wiring });
  return Object.fromEntries(
    inputs.map(([slot, input]) => [
      slot,
      [input].flat().flatMap((one) => (one.from === 'artifact' ? one.kinds : [])),
    ]),
  );
}

const isFile = ({ kind }: TaskInput) => kind === 'file' || kind === 'folder';

function openInput(input: TaskInput, kinds: readonly AnyKind[] = []): unknown {
  const { kind, path } = input;
  if (isFile(input)) return { kind, path };
  const found = kinds.find((k) => k.name === kind);
  if (found === undefined) throw new TypeError(`no kind ${kind} among those that the stage reads`);
  return found.input(path);
}

/**
 * Inputs of a part that does not name all of its stage's: to ask for another one is an error, for its content is no part
 * of the key. Those that are given are listed as ever.
 */
function refusing(handles: Record<string, unknown>, { slots, stage }: Task): Record<string, unknown> {
  const check = (slot: string | symbol) => {
    if (typeof slot === 'symbol' || slot in handles || !slots.includes(slot)) return;
    throw new OperationalError(
      'impure',
      `a part of ${stage} reads its input ${slot}, which it does not declare`,
      {
        expected: `one of ${Object.keys(handles).join(', ') || 'none'}`,
        hint: 'name it in `inputs` of the part (in `plan` of the stage), so that it is part of the key',
      },
    );
  };
  return new Proxy(handles, {
    get(own, slot) {
      check(slot);
      return Reflect.get(own, slot);
    },
    has(own, slot) {
      check(slot);
      return Reflect.has(own, slot);
    },
    getOwnPropertyDescriptor(own, slot) {
      check(slot);
      return Reflect.getOwnPropertyDescriptor(own, slot);
    },
  });
}

/** The outputs of one part, as inputs of the stage that made them. */
export function openPart(stage: Stage, part: Readonly<Record<string, TaskInput>>): Record<string, unknown> {
  const declared = stage.parts!.outputs as Record<string, OutputDeclaration>;
  return Object.fromEntries(
    Object.entries(part).map(([slot, { path }]) => [slot, declared[slot].kind.input(path)]),
  );
}
