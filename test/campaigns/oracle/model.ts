/**
 * What a project must compute, and which actions that takes: a model of a few lines, which shares nothing with the
 * framework but the random numbers. An action is known by all that its bytes may depend on, written out as text.
 */
import { createHash } from 'node:crypto';
import { randomSource } from '../../../lib/flow/index.ts';
import { type Spec, type StageSpec, stageName } from './spec.ts';

export interface ModelAction {
  readonly target: string;
  readonly action: string;
  /** All that its bytes depend on. */
  readonly identity: string;
  /** SHA-256 of its only output. */
  readonly content: string;
}

export interface Model {
  /** Target → its actions; the last one makes the target's output. */
  readonly targets: ReadonlyMap<string, readonly ModelAction[]>;
  /** Name under latest/ → SHA-256. */
  readonly published: Readonly<Record<string, string>>;
}

const mix = (numbers: readonly number[]) => numbers.reduce((h, n) => (h * 31 + n) % 1_000_003, 7);
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

export function modelOf(spec: Spec): Model {
  const targets = new Map<string, ModelAction[]>();
  const published: Record<string, string> = {};
  const values: Record<string, number>[] = [];
  spec.stages.forEach((stage, at) => {
    // By slot: two lists of two and one are not the same as two of one and two.
    const inputs = stage.reads.map(({ stage: from, all }) =>
      Object.values(values[from]).slice(0, all ? undefined : 1),
    );
    values[at] = {};
    for (const [instance, param] of Object.entries(stage.instances)) {
      const made = evaluate(spec, stage, at, param, inputs);
      const target = `${stageName(at)}[${instance}]`;
      values[at][instance] = made.value;
      targets.set(
        target,
        made.actions.map((action) => ({ target, ...action })),
      );
      published[`${stageName(at)}-${instance}.json`] = made.actions.at(-1)!.content;
    }
  });
  return { targets, published };
}

function evaluate(spec: Spec, stage: StageSpec, at: number, param: number, inputs: readonly number[][]) {
  const text = stage.file === null ? null : spec.files[stage.file].text;
  const seed = stage.random ? spec.seed : null;
  const draw = seed === null ? 0 : randomSource(seed, stageName(at)).stream('draw').at(0).int(100);
  const numbers = [stage.constant, param, ...inputs.flat(), text === null ? 0 : Number(text), draw];
  const { reads } = stage;
  const shape = reads.map(({ stage: from }) => from);
  const identity = (share: unknown) =>
    JSON.stringify([at, stage.constant, stage.modulus, stage.parts, shape, inputs, param, text, seed, share]);
  if (!stage.parts) {
    const value = mix(numbers) % stage.modulus;
    return {
      value,
      actions: [{ action: 'run', identity: identity('whole'), content: sha256(JSON.stringify(value)) }],
    };
  }
  const plan = Array.from({ length: 1 + (mix(numbers) % 3) }, (_, k) => ({ name: `part ${k}`, data: { k } }));
  const pieces = plan.map(({ data: { k } }) => mix([...numbers, k]) % stage.modulus);
  const value = mix([stage.constant, ...pieces]) % stage.modulus;
  return {
    value,
    actions: [
      { action: 'plan 1', identity: identity('plan'), content: sha256(JSON.stringify(plan)) },
      ...plan.map(({ name, data }, k) => ({
        action: name,
        identity: identity(data),
        content: sha256(JSON.stringify(pieces[k])),
      })),
      { action: 'merge', identity: identity('whole'), content: sha256(JSON.stringify(value)) },
    ],
  };
}
