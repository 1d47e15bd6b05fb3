/**
 * Checks on the declarations of stages, made before anything runs: names, instances, params, and names of published
 * outputs. Also checks planned parts, before any part runs.
 */
import { configError, OperationalError, shown, toErrorInfo } from '../../errors.ts';
import type { OutputDeclaration, Part, Plain, Stage } from '../stage.ts';
import { asked, gives, refused } from './asked.ts';
import { partData } from './part-data.ts';
import { fileOf, placeOf } from './place.ts';
import { plainProblem } from './plain.ts';
import { foreignPlace } from './stack-places.ts';
import { stageProblem } from './stage-shape.ts';
import type { Target } from './target.ts';

/** Valid name of a stage or slot, as used in references to outputs: `stage[instance].slot`. */
const NAME = /^\w+$/;
/** Maximum bytes of a file name on most systems. */
const LONGEST_BYTES = 255;
/** Reserved names: the run's own record is stored beside the outputs. */
const RESERVED = ['run.json'];
const STAGE = 'what defineStage({ module: import.meta.url, name, params, inputs, outputs, run, … }) gives';

/** Checks stages. Throws a config error for a value that is no stage, an invalid name, or two stages with one name. */
export function checkStages(stages: readonly Stage[]): void {
  const seen = new Map<string, Stage>();
  for (const [i, stage] of stages.entries()) {
    requireStage(stage, i);
    const { name } = stage;
    if (!NAME.test(name))
      throw refused(stage, `a stage is named ${JSON.stringify(name)}`, 'letters, digits and _');
    const other = seen.get(name);
    if (other !== undefined)
      throw refused(stage, `two stages are named "${name}"`, `another name: ${placeOf(other)} has this one`);
    seen.set(name, stage);
    asked({ stage, id: `stage ${name}`, property: 'outputs' }, () => checkSlots(stage));
  }
}

function requireStage(stage: Stage, index: number): void {
  let problem: string | undefined;
  try {
    problem = stageProblem(stage);
  } catch (cause) {
    // A getter or a proxy, which may throw anything: nothing more is read of it.
    const { message, stack } = toErrorInfo(cause);
    throw configError(`stage number ${index + 1} of the pipeline cannot be read: ${message}`, {
      expected: STAGE,
      where: foreignPlace(stack),
      cause,
    });
  }
  if (problem !== undefined) throw notAStage(stage, index, problem);
}

function checkSlots(stage: Stage): void {
  const { name, outputs, parts } = stage;
  for (const slot of [...Object.keys(outputs), ...Object.keys(parts?.outputs ?? {})]) {
    if (NAME.test(slot)) continue;
    throw refused(
      stage,
      `stage ${name} has an output named ${JSON.stringify(slot)}`,
      'letters, digits and _',
      { word: 'outputs' },
    );
  }
  for (const [slot, { optional }] of Object.entries<OutputDeclaration>(parts?.outputs ?? {})) {
    if (typeof optional !== 'function') continue;
    throw refused(
      stage,
      `stage ${name}: whether parts write ${slot} is a function`,
      'optional: true, or nothing',
      { word: slot },
    );
  }
}

/** Checks names of instances. Throws a config error for an invalid or duplicate name. */
export function checkInstances(stage: Stage, instances: unknown): void {
  const { name } = stage;
  if (!Array.isArray(instances))
    throw gives({ stage, id: `stage ${name}`, property: 'each()' }, instances, 'a list of names');
  const seen = new Set<string>();
  for (const instance of instances) {
    const problem = instanceProblem(instance, instances.length);
    if (problem !== undefined) {
      throw refused(
        stage,
        `stage ${name} has an instance named ${quoted(instance)}: ${problem}`,
        'a name without brackets, slashes and control characters',
        { word: 'each' },
      );
    }
    if (seen.has(instance)) {
      throw refused(stage, `stage ${name} has two instances named "${instance}"`, 'a name for each', {
        word: 'each',
      });
    }
    seen.add(instance);
  }
}

/** A name as it is shown, if it is one. */
const quoted = (name: unknown) => (typeof name === 'string' ? JSON.stringify(name) : shown(name));

function instanceProblem(instance: unknown, count: number): string | undefined {
  if (typeof instance !== 'string') return 'no text';
  // A stage may have one target or none, which then needs no name.
  if (instance === '') return count === 1 ? undefined : 'empty';
  if (instance === '.' || instance === '..') return 'a folder';
  if (instance.trim() !== instance) return 'blanks around it';
  if (!instance.isWellFormed()) return 'no valid text';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return /[[\]/\\\u0000-\u001f\u007f]/.test(instance) ? 'a character that names cannot have' : undefined;
}

/** Checks that params are plain data, so that they reach the stage and its key unchanged; throws a config error if not. */
export function checkParams(stage: Stage, id: string, params: unknown): Plain {
  const problem = plainProblem(params);
  if (problem === undefined) return params as Plain;
  const { path, found } = problem;
  const at = path === '' ? 'params' : path.startsWith('[') ? `params${path}` : `params.${path}`;
  throw refused(
    stage,
    `${id}: ${at} is ${found}`,
    'plain data: null, true, false, finite numbers, strings, lists, objects',
    { word: 'params' },
  );
}

/** Checks names under `latest/`. Throws a config error for a name that leads elsewhere, and for colliding or nested names. */
export function checkPublished(targets: Iterable<Target>): void {
  const seen = new Map<string, { target: Target; slot: string; name: string }>();
  const all: { target: Target; slot: string; name: string; folded: string }[] = [];
  for (const target of targets) {
    for (const { slot, name } of target.publish) {
      const problem = nameProblem(name);
      if (problem !== undefined) {
        throw refused(
          target.stage,
          `${target.id}.${slot} is published as ${JSON.stringify(name)}: ${problem}`,
          'a relative name, such as figures/a.svg',
          { word: slot },
        );
      }
      const folded = fold(name);
      const other = seen.get(folded);
      if (other !== undefined) throw collision(target, slot, name, other);
      seen.set(folded, { target, slot, name });
      all.push({ target, slot, name, folded });
    }
  }
  for (const { target, slot, name, folded } of all) {
    for (let end = folded.indexOf('/'); end >= 0; end = folded.indexOf('/', end + 1)) {
      const other = seen.get(folded.slice(0, end));
      if (other !== undefined) throw collision(target, slot, name, other);
    }
  }
}

/** Folded name: some file systems treat names as equal that differ in case or in the encoding of accents. */
const fold = (name: string) => name.normalize('NFC').toLowerCase();

function nameProblem(name: unknown): string | undefined {
  if (typeof name !== 'string') return 'no text';
  const parts = name.split('/');
  if (RESERVED.includes(fold(parts[0]))) return 'the record of the run is there';
  if (name.startsWith('/')) return 'an absolute path';
  if (parts.includes('')) return 'a part of it is empty';
  if (parts.includes('.') || parts.includes('..')) return 'it leads to another folder';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (!name.isWellFormed() || /[\\\u0000-\u001f\u007f]/.test(name))
    return 'a character that names cannot have';
  const long = parts.find((part) => Buffer.byteLength(part) > LONGEST_BYTES);
  return long === undefined ? undefined : `a part of it is longer than ${LONGEST_BYTES} bytes`;
}

function collision(
  target: Target,
  slot: string,
  name: string,
  other: { target: Target; slot: string; name: string },
): OperationalError {
  const [mine, theirs] = [`${target.id}.${slot}`, `${other.target.id}.${other.slot}`];
  const also =
    other.name === name ? `"${name}"` : `"${name}" and "${other.name}", which cannot both be there`;
  const isSameStage = target.stage === other.target.stage && target !== other.target;
  const { publish } = (target.stage.outputs as Record<string, OutputDeclaration>)[slot];
  const hint =
    isSameStage && typeof publish === 'string' && !publish.includes('[instance]')
      ? `let the name have [instance] in it: publish: '[instance]/${publish}'`
      : 'publish one of them under another name, or rename the instance';
  const expected = `a name for each${isSameStage ? '' : `; the other is declared in ${placeOf(other.target.stage, other.slot)}`}`;
  return refused(target.stage, `${theirs} and ${mine} are published as ${also}`, expected, {
    hint,
    word: slot,
  });
}

/** Checks planned parts: they are written as JSON and enter keys. Throws an `impure` error if one is not plain or invalid. */
export function checkParts(parts: unknown, stage: Stage, slots: readonly string[]): void {
  const broken = (message: string) =>
    new OperationalError('impure', `stage ${stage.name} planned ${message}`);
  if (!Array.isArray(parts)) throw broken('no list of parts');
  const names = new Set<string>();
  for (const part of parts as readonly unknown[]) {
    if (typeof part !== 'object' || part === null) throw broken(`a part that is ${shown(part)}`);
    const { name, data, inputs, cost, cores } = part as Partial<Record<keyof Part, unknown>>;
    if (typeof name !== 'string' || name === '') throw broken(`a part named ${quoted(name)}`);
    if (names.has(name)) throw broken(`two parts named "${name}"`);
    names.add(name);
    const problem = data === undefined ? { path: '', found: 'undefined' } : plainProblem(data);
    if (problem !== undefined) {
      const at = problem.path.startsWith('[') || problem.path === '' ? problem.path : `.${problem.path}`;
      throw broken(`part "${name}": data${at} is ${problem.found}, expected plain data`);
    }
    partData(stage, data, name);
    if (inputs !== undefined && !Array.isArray(inputs))
      throw broken(`part "${name}" with inputs: ${shown(inputs)}, expected a list of slots`);
    const unknown = inputs?.findIndex((slot) => !slots.includes(slot)) ?? -1;
    if (unknown >= 0)
      throw broken(`part "${name}" with an input ${quoted(inputs![unknown])}, which it does not have`);
    if (cost !== undefined && !Number.isFinite(cost))
      throw broken(`part "${name}" with a cost of ${shown(cost)}`);
    if (cores !== undefined && cores !== 'all') throw broken(`part "${name}" with cores: ${shown(cores)}`);
  }
}

function notAStage(stage: unknown, index: number, problem: string): OperationalError {
  const { name, module } = Object(stage) as Partial<Stage>;
  const which = typeof name === 'string' ? `"${name}"` : `number ${index + 1} of the pipeline`;
  return configError(`stage ${which} is not a stage: ${problem}`, {
    expected: STAGE,
    where: typeof module === 'string' ? fileOf({ module }) : undefined,
  });
}
