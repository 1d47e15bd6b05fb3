/**
 * Answers of a declaration: what the functions of a stage give for a config. No compiler has looked at a stage of the user's own,
 * so each answer is checked as it is given, and from there on is what it is said to be.
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shown } from '../../errors.ts';
import type {
  AnyKind,
  ArtifactRef,
  ConfigProblem,
  FileRef,
  FolderRef,
  InputDeclaration,
  OutputDeclaration,
  PathRef,
  Plain,
  Stage,
} from '../stage.ts';
import { asked, askedLater, gives, type Question, refused } from './asked.ts';
import { recordReads } from './config-reads.ts';
import { checkInstances, checkParams } from './declarations.ts';
import { isKind } from './stage-shape.ts';

/** One instance of a stage under a config, of which something is asked. */
export interface Instance {
  readonly stage: Stage;
  readonly id: string;
  readonly instance: string;
  readonly config: unknown;
}

/** An input outside the store. */
export type ExternalRef = FileRef | FolderRef | PathRef;

type OneInput = ArtifactRef | ExternalRef;

/** What the check of a stage finds in a config; nothing for a stage without one. */
export function problemsOf(stage: Stage, config: unknown): readonly ConfigProblem[] {
  return asked(ofStage(stage, 'check()'), () => problemsFrom(stage, config));
}

/** As `problemsOf`, but throws whatever the check throws. */
export function problemsFrom(stage: Stage, config: unknown): readonly ConfigProblem[] {
  const found: unknown = stage.check?.(config as never) ?? [];
  if (Array.isArray(found) && found.every(isProblem)) return found;
  throw gives(ofStage(stage, 'check()'), found, 'a list of problems: { path: […], message: … }');
}

function isProblem(value: unknown): value is ConfigProblem {
  const { path, message, known } = Object(value) as Partial<ConfigProblem>;
  return (
    isListOf(path, (key) => typeof key === 'string' || typeof key === 'number') &&
    typeof message === 'string' &&
    (known === undefined || isListOf(known, isText))
  );
}

/** Names of the instances of a stage; one without a name if it has no more. */
export function instancesOf(stage: Stage, config: unknown): readonly string[] {
  if (stage.each === undefined) return [''];
  return asked(ofStage(stage, 'each()'), () => {
    const names = stage.each!(config as never);
    checkInstances(stage, names);
    return names;
  });
}

export function paramsOf({ stage, id, instance, config }: Instance): Plain {
  return asked({ stage, id, property: 'params()' }, () =>
    checkParams(stage, id, stage.params(config as never, instance)),
  );
}

/** What an instance reads, by slot and in the order of their names, and what it read of the config to say so. */
export function inputsOf({ stage, id, instance, config }: Instance): {
  readonly inputs: readonly [slot: string, OneInput | readonly OneInput[]][];
  readonly wiring: unknown;
} {
  const question = { stage, id, property: 'inputs()' };
  return asked(question, () => {
    const { value, excerpt } = recordReads(config, (seen) => stage.inputs(seen as never, instance));
    const declared = value as Readonly<Record<string, InputDeclaration>>;
    if (!isObject(declared)) throw gives(question, declared, 'an object: { slot: from(…) }');
    const inputs = Object.keys(declared)
      .sort()
      .flatMap((slot): [string, OneInput | OneInput[]][] => {
        const declaration = declared[slot];
        if (declaration === undefined) return [];
        const one = (of: unknown) => oneInput(stage, id, slot, of);
        return [[slot, Array.isArray(declaration) ? declaration.map(one) : one(declaration)]];
      });
    return { inputs, wiring: excerpt };
  });
}

function oneInput(stage: Stage, id: string, slot: string, declaration: unknown): OneInput {
  const place = `${id} (input ${slot})`;
  const given = Object(declaration) as Partial<Record<keyof PathRef | keyof ArtifactRef, unknown>>;
  const { from: origin, path, ref, kinds } = given;
  if (origin === 'artifact' && isText(ref) && Array.isArray(kinds)) {
    const wrong = kinds.findIndex((kind) => !isKind(kind));
    if (wrong < 0) return { from: 'artifact', ref, kinds: kinds as readonly AnyKind[] };
    throw refused(stage, `${place} is read as ${shown(kinds[wrong])}`, 'a kind, such as json()', {
      word: slot,
    });
  }
  if ((origin === 'file' || origin === 'folder') && isText(path)) return { from: origin, path };
  const checkFolder = given.checkFolder as PathRef['checkFolder'];
  if (origin === 'path' && isText(path) && (checkFolder === undefined || typeof checkFolder === 'function')) {
    const question = { stage, id: place, property: 'checkFolder()', word: slot };
    const check = checkFolder && ((folder: string) => askedLater(question, async () => checkFolder(folder)));
    return { from: 'path', path, checkFolder: check };
  }
  throw refused(
    stage,
    `${place} is neither an output of a stage nor a file or folder`,
    'from(…), fromFile(…), fromFolder(…) or fromPath(…)',
    { word: slot },
  );
}

/** Whether an instance draws random numbers. */
export function isRandom({ stage, id, instance, config }: Instance): boolean {
  const { random } = stage;
  if (typeof random !== 'function') return random === true;
  const question = { stage, id, property: 'random()' };
  return asked(question, () => flag(question, (random as Deciding)(config, instance)));
}

/** Whether an instance asks for all cores. */
export function wantsAllCores({ stage, id, instance, config }: Instance): boolean {
  const question = { stage, id, property: 'cores()' };
  return asked(question, () => {
    const cores: unknown = stage.cores?.(config as never, instance);
    if (cores === undefined || cores === 'one' || cores === 'all') return cores === 'all';
    throw gives(question, cores, "'one' or 'all'");
  });
}

/** The files with code of an instance, absolute. */
export function codeOf({ stage, id, instance, config }: Instance, root: string): readonly string[] {
  const question = { stage, id, property: 'code()' };
  return asked(question, () => {
    const files: unknown = stage.code?.(config as never, instance) ?? [];
    if (!isListOf(files, (file) => isText(file) && !file.includes('\0')))
      throw gives(question, files, 'a list of files: paths, or URLs of modules');
    return files.map((file) => (file.startsWith('file:') ? fileURLToPath(file) : resolve(root, file)));
  });
}

/** The outputs of an instance that have a name, with it. */
export function publishedBy(of: Instance): { slot: string; name: string }[] {
  const outputs = Object.entries(of.stage.outputs as Record<string, OutputDeclaration>);
  return outputs.flatMap(([slot, { publish }]) => {
    const name = decided(ofOutput(of, slot, 'publish'), publish, of);
    if (name === undefined) return [];
    if (isText(name)) return [{ slot, name: name.replaceAll('[instance]', () => of.instance) }];
    throw refused(
      of.stage,
      `${of.id}.${slot} is published as ${shown(name)}: no text`,
      'a relative name, such as figures/a.svg',
      { word: slot },
    );
  });
}

/** Whether an instance may leave an output unwritten. */
export function isOptional(of: Instance, slot: string): boolean {
  const { optional } = (of.stage.outputs as Record<string, OutputDeclaration>)[slot];
  const question = ofOutput(of, slot, 'optional');
  return asked(question, () => flag(question, decided(question, optional, of)));
}

const ofOutput = ({ stage, id }: Instance, slot: string, property: string): Question => ({
  stage,
  id,
  property: `outputs.${slot}.${property}`,
  word: slot,
});

/** What a declaration says for all instances, or by a function of each. */
function decided(question: Question, declared: unknown, { config, instance }: Instance): unknown {
  if (typeof declared !== 'function') return declared;
  return asked({ ...question, property: `${question.property}()` }, () =>
    (declared as Deciding)(config, instance),
  );
}

/** Texts by name that stand beside code and params in the key: of tools, for one. */
export function environmentOf({ stage, id }: Instance): Readonly<Record<string, string>> {
  const word = 'environment';
  return asked({ stage, id, property: word }, () => {
    const given: unknown = stage.environment ?? {};
    if (!isObject(given))
      throw refused(stage, `${id}: environment is ${shown(given)}`, 'an object of strings', { word });
    for (const [name, value] of Object.entries(given)) {
      if (isText(value) && value.isWellFormed() && name.isWellFormed()) continue;
      throw refused(stage, `${id}: environment.${name} is no text`, 'a string', { word });
    }
    return { ...given } as Record<string, string>;
  });
}

/** The entries that a stage needs even if others are chosen. */
export function requiredBy(stage: Stage, config: unknown, key: string): readonly string[] {
  const question = ofStage(stage, 'requires()');
  return asked(question, () => {
    const required: unknown = stage.requires?.(config as never) ?? {};
    const names = isObject(required) ? (required[key] ?? []) : undefined;
    if (isListOf(names, isText)) return names;
    throw gives(question, required, 'lists of names by key of the config');
  });
}

/** The names that an entry of a key of a stage is made of, by its `references`. */
export function namesIn(stage: Stage, key: string, entry: unknown): readonly string[] {
  const question = { ...ofStage(stage, `references.${key}.names()`), word: key };
  return asked(question, () => {
    const names: unknown = stage.references![key].names(entry as never);
    if (isListOf(names, isText)) return names;
    throw gives(question, names, 'a list of names');
  });
}

const ofStage = (stage: Stage, property: string): Question => ({
  stage,
  id: `stage ${stage.name}`,
  property,
});

type Deciding = (config: unknown, instance: string) => unknown;

function flag(question: Question, value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean') return value === true;
  throw gives(question, value, 'true or false');
}

const isText = (value: unknown): value is string => typeof value === 'string';

function isListOf<T>(value: unknown, isOne: (item: unknown) => item is T): value is readonly T[];
function isListOf(value: unknown, isOne: (item: unknown) => boolean): value is readonly string[];
function isListOf(value: unknown, isOne: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isOne);
}

/** Neither a list nor a promise, which have no slots. */
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Promise);
