/** Inputs of a task for its stage: handles of the kinds that the stage declares. */
import { OperationalError } from '../../errors.ts';
import { importStage } from '../code/import-stage.ts';
import { inputsOf } from '../graph/answers.ts';
import type { AnyKind, OutputDeclaration, Stage } from '../stage.ts';
import type { Task, TaskInput } from './task.ts';

/** Opens the inputs of a task as handles, by slot. In a part, access to an undeclared input throws an `impure` error. */
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
 * Kinds that the stage reads each slot as. The declaration is evaluated in a separate instance of the stage's module, so that
 * `run` cannot access the config values that `inputs` gets.
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
 * Wraps the inputs of a part that names only some of its stage's inputs: access to any other input throws, because its
 * content is not part of the key. Listing the given inputs works as usual.
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

/** Opens the outputs of one part as inputs of the stage that made them. */
export function openPart(stage: Stage, part: Readonly<Record<string, TaskInput>>): Record<string, unknown> {
  const declared = stage.parts!.outputs as Record<string, OutputDeclaration>;
  return Object.fromEntries(
    Object.entries(part).map(([slot, { path }]) => [slot, declared[slot].kind.input(path)]),
  );
}
