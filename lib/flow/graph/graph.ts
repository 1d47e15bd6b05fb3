/** Graph of targets: every instance of every stage under one config, with its inputs. */
import { statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configError } from '../../errors.ts';
import type {
  ArtifactRef,
  FileRef,
  FolderRef,
  InputDeclaration,
  OutputDeclaration,
  PathRef,
  Stage,
} from '../stage.ts';
import { nearest } from '../text/suggest.ts';
import { recordReads } from './config-reads.ts';
import {
  asked,
  checkEnvironment,
  checkInstances,
  checkParams,
  checkPublished,
  checkStages,
  refused,
} from './declarations.ts';
import { placeOf } from './place.ts';
import { type ExternalSource, type Graph, type InputSource, type Target, targetId } from './target.ts';

/**
 * Builds the graph of a config that its schema has accepted. Throws a config error, with target and slot, for a reference
 * to an output that does not exist, is optional or has another kind; for a cycle; for params that are not plain data; and
 * for invalid or duplicate names of stages, instances and published outputs.
 *
 * @param options.renamed old names of stages → new names, for error messages
 */
export function buildGraph(
  stages: readonly Stage[],
  config: unknown,
  { seed, root, renamed = {} }: { seed: number; root: string; renamed?: Readonly<Record<string, string>> },
): Graph {
  checkStages(stages);
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  const ids = new Set<string>();
  const instances = new Map<Stage, readonly string[]>();
  for (const stage of stages) {
    const own = instancesOf(stage, config);
    checkInstances(stage, own);
    instances.set(stage, own);
    for (const instance of own) ids.add(targetId(stage.name, instance));
  }

  const targets = new Map<string, Target>();
  for (const [stage, own] of instances) {
    for (const instance of own) {
      const target = makeTarget(stage, instance, { config, seed, root, byName, ids });
      targets.set(target.id, target);
    }
  }
  checkPublished(targets.values());
  const unused = stages.filter((stage) => instances.get(stage)!.length === 0);
  return { targets: inTopologicalOrder(targets), config, seed, root, unused, renamed };
}

function instancesOf(stage: Stage, config: unknown): readonly string[] {
  return stage.each === undefined
    ? ['']
    : asked(stage, `stage ${stage.name}`, 'each', () => stage.each!(config as never));
}

interface Surroundings {
  config: unknown;
  seed: number;
  root: string;
  byName: ReadonlyMap<string, Stage>;
  ids: ReadonlySet<string>;
}

function makeTarget(stage: Stage, instance: string, around: Surroundings): Target {
  const id = targetId(stage.name, instance);
  const { config, seed, root } = around;
  const of = <T>(property: string, ask: () => T) => asked(stage, id, property, ask);
  const { value, excerpt } = of('inputs', () =>
    recordReads(config, (seen) => stage.inputs(seen as never, instance)),
  );
  const declared = value as Record<string, InputDeclaration>;
  const inputs: Record<string, InputSource | InputSource[]> = {};
  checkEnvironment(stage, id);
  for (const slot of Object.keys(declared).sort()) {
    const declaration = declared[slot];
    if (declaration === undefined) continue;
    const reader = { stage, id, slot };
    inputs[slot] = Array.isArray(declaration)
      ? declaration.map((ref) => resolveInput(ref, reader, around))
      : resolveInput(
          declaration as Exclude<InputDeclaration, readonly ArtifactRef[] | undefined>,
          reader,
          around,
        );
  }
  const all = Object.values(inputs).flat();
  const random =
    typeof stage.random === 'function'
      ? of('random', () =>
          (stage.random as (config: never, instance: string) => boolean)(config as never, instance),
        )
      : stage.random === true;
  return {
    id,
    stage,
    instance,
    params: checkParams(
      stage,
      id,
      of('params', () => stage.params(config as never, instance)),
    ),
    seed: random ? seed : null,
    inputs,
    wiring: excerpt,
    dependsOn: [...new Set(all.flatMap((i) => (i.from === 'artifact' ? [i.target] : [])))],
    external: all.filter((i) => i.from !== 'artifact'),
    code: (of('code', () => stage.code?.(config as never, instance)) ?? []).map((file) =>
      file.startsWith('file:') ? fileURLToPath(file) : resolve(root, file),
    ),
    publish: Object.entries(stage.outputs as Record<string, OutputDeclaration>).flatMap(
      ([slot, { publish }]) => {
        const name = typeof publish === 'function' ? publish(config as never, instance) : publish;
        return name === undefined ? [] : [{ slot, name: name.replaceAll('[instance]', () => instance) }];
      },
    ),
    optional: Object.keys(stage.outputs).filter((slot) => isOptional(stage, slot, config, instance)),
  };
}

function isOptional(stage: Stage, slot: string, config: unknown, instance: string): boolean {
  const { optional = false } = (stage.outputs as Record<string, OutputDeclaration>)[slot];
  return typeof optional === 'function' ? optional(config as never, instance) : optional;
}

const REFERENCE = /^(\w+)(?:\[(.*)\])?\.(\w+)$/;

type ExternalRef = FileRef | FolderRef | PathRef;

function isExternal(declaration: unknown): declaration is ExternalRef {
  const { from, path } = (declaration ?? {}) as Partial<ExternalRef>;
  return (from === 'file' || from === 'folder' || from === 'path') && typeof path === 'string';
}

/** Resolves an external input. Treats a missing path as a file; existence is checked later, for all inputs at once. */
function externalSource(declaration: ExternalRef, path: string): ExternalSource {
  if (declaration.from !== 'path') return { from: declaration.from, path };
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? { from: 'folder', path, check: declaration.checkFolder } : { from: 'file', path };
}

/** Target and slot that read an input, for messages. */
interface Reader {
  readonly stage: Stage;
  readonly id: string;
  readonly slot: string;
}

function resolveInput(
  declaration: Exclude<InputDeclaration, readonly ArtifactRef[] | undefined>,
  { stage: own, id, slot }: Reader,
  around: Surroundings,
): InputSource {
  const place = `${id} (input ${slot})`;
  if (isExternal(declaration)) {
    const { path } = declaration;
    if (path.includes('\0'))
      throw configError(`${place} reads ${JSON.stringify(path)}, which is no path`, { expected: 'a path' });
    return externalSource(declaration, isAbsolute(path) ? path : resolve(around.root, path));
  }
  if (declaration?.from !== 'artifact' || typeof declaration.ref !== 'string') {
    throw refused(
      own,
      `${place} is neither an output of a stage nor a file or folder`,
      'from(…), fromFile(…), fromFolder(…) or fromPath(…)',
      { word: slot },
    );
  }
  const { ref, kinds } = declaration;
  const match = REFERENCE.exec(ref);
  if (match === null)
    throw refused(own, `${place} reads "${ref}"`, 'stage.output or stage[instance].output', { word: slot });
  const [, name, instance = '', output] = match;
  const stage = around.byName.get(name);
  if (stage === undefined) {
    const hint = nearest(name, [...around.byName.keys()]);
    throw refused(own, `${place} reads "${ref}", but there is no stage ${name}`, 'a stage of the pipeline', {
      hint,
      word: slot,
    });
  }
  if (!Object.hasOwn(stage.outputs, output)) {
    const known = Object.keys(stage.outputs);
    const expected = `one of ${known.join(', ')}`;
    throw refused(own, `${place} reads "${ref}", which stage ${name} does not write`, expected, {
      hint: nearest(output, known),
      word: slot,
    });
  }
  const target = targetId(name, instance);
  if (!around.ids.has(target)) {
    throw configError(`${place} needs ${target}, which the config does not define`, {
      expected: 'an instance that there is under this config',
      where: placeOf(own, slot),
      hint: nearest(target, [...around.ids]),
    });
  }
  const { kind } = (stage.outputs as Record<string, OutputDeclaration>)[output];
  if (!kinds.some((read) => read.name === kind.name && (read.folder ?? false) === (kind.folder ?? false))) {
    const expected = kinds.map((read) => read.name).join(' or ');
    throw refused(
      own,
      `${place} cannot read ${ref}: it is a ${kind.name}`,
      expected === '' ? 'a kind' : expected,
      { word: slot },
    );
  }
  if (isOptional(stage, output, around.config, instance)) {
    const expected = 'an output that is always written';
    throw refused(own, `${place} reads ${ref}, which ${target} may leave unwritten`, expected, {
      word: slot,
    });
  }
  return { from: 'artifact', target, output, kind };
}

function inTopologicalOrder(targets: ReadonlyMap<string, Target>): Map<string, Target> {
  const ordered = new Map<string, Target>();
  const path: string[] = [];
  const visit = (id: string): void => {
    if (ordered.has(id)) return;
    if (path.includes(id)) {
      const cycle = [...path.slice(path.indexOf(id)), id].join(' → ');
      throw configError(`the targets depend on each other in a circle: ${cycle}`);
    }
    const target = targets.get(id);
    if (target === undefined) throw new TypeError(`no target ${id}`);
    path.push(id);
    for (const upstream of target.dependsOn) visit(upstream);
    path.pop();
    ordered.set(id, target);
  };
  for (const id of targets.keys()) visit(id);
  return ordered;
}
