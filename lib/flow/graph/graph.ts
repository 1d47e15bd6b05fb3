/** Graph of targets: every instance of every stage under one config, with its inputs. */
import { statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { configError } from '../../errors.ts';
import type { ArtifactRef, OutputDeclaration, Stage } from '../stage.ts';
import { nearest } from '../text/suggest.ts';
import {
  codeOf,
  type ExternalRef,
  environmentOf,
  type Instance,
  inputsOf,
  instancesOf,
  isOptional,
  isRandom,
  paramsOf,
  publishedBy,
  wantsAllCores,
} from './answers.ts';
import { refused } from './asked.ts';
import { checkPublished, checkStages } from './declarations.ts';
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
  const own: Instance = { stage, id, instance, config };
  const environment = environmentOf(own);
  const { inputs: declared, wiring } = inputsOf(own);
  const inputs: Record<string, InputSource | InputSource[]> = {};
  for (const [slot, declaration] of declared) {
    const source = (one: ArtifactRef | ExternalRef) => resolveInput(one, { stage, id, slot }, around);
    inputs[slot] = Array.isArray(declaration)
      ? declaration.map(source)
      : source(declaration as ArtifactRef | ExternalRef);
  }
  const all = Object.values(inputs).flat();
  return {
    id,
    stage,
    instance,
    params: paramsOf(own),
    seed: isRandom(own) ? seed : null,
    environment,
    inputs,
    wiring,
    dependsOn: [...new Set(all.flatMap((i) => (i.from === 'artifact' ? [i.target] : [])))],
    external: all.filter((i) => i.from !== 'artifact'),
    code: codeOf(own, root),
    wantsAllCores: wantsAllCores(own),
    publish: publishedBy(own),
    optional: Object.keys(stage.outputs).filter((slot) => isOptional(own, slot)),
  };
}

const REFERENCE = /^(\w+)(?:\[(.*)\])?\.(\w+)$/;

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
  declaration: ArtifactRef | ExternalRef,
  { stage: own, id, slot }: Reader,
  around: Surroundings,
): InputSource {
  const place = `${id} (input ${slot})`;
  if (declaration.from !== 'artifact') {
    const { path } = declaration;
    if (path.includes('\0'))
      throw configError(`${place} reads ${JSON.stringify(path)}, which is no path`, { expected: 'a path' });
    return externalSource(declaration, isAbsolute(path) ? path : resolve(around.root, path));
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
  if (isOptional({ stage, id: target, instance, config: around.config }, output)) {
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
