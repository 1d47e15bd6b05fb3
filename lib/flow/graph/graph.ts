/** The graph of targets: every instance of every stage under one config, with what each reads. */

import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configError, usageError } from '../../errors.ts';
import { hintOf } from '../hints.ts';
import type { ArtifactRef, FileRef, InputDeclaration, OutputDeclaration, Stage } from '../stage.ts';
import { nearest } from '../text/suggest.ts';
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
import { type Graph, type InputSource, type Target, targetId } from './target.ts';

/**
 * Builds the graph of a config that its schema has accepted. Throws a config error that names target and slot for
 * a reference to what does not exist, may be left unwritten or is of another kind, for a cycle, for params that are not
 * plain data, and for names that are illegal or belong to two: of stages, instances and published outputs.
 */
export function buildGraph(
  stages: readonly Stage[],
  config: unknown,
  { seed, root }: { seed: number; root: string },
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
  const used = new Set([...targets.values()].map(({ stage }) => stage.name));
  const unused = stages.map(({ name }) => name).filter((name) => !used.has(name));
  return { targets: inTopologicalOrder(targets), config, seed, root, unused };
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
  const declared = of('inputs', () => stage.inputs(config as never, instance)) as Record<
    string,
    InputDeclaration
  >;
  const inputs: Record<string, InputSource | InputSource[]> = {};
  checkEnvironment(stage, id);
  for (const slot of Object.keys(declared).sort()) {
    const declaration = declared[slot];
    if (declaration === undefined) continue;
    const reader = { stage, id, slot };
    inputs[slot] = Array.isArray(declaration)
      ? declaration.map((ref) => resolveInput(ref, reader, around))
      : resolveInput(declaration as ArtifactRef | FileRef, reader, around);
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
    dependsOn: [...new Set(all.flatMap((i) => (i.from === 'artifact' ? [i.target] : [])))],
    files: Object.entries(inputs).flatMap(([slot, source]) =>
      [source].flat().flatMap((i) => (i.from === 'file' ? [{ slot, path: resolve(root, i.path) }] : [])),
    ),
    code: (of('code', () => stage.code?.(config as never, instance)) ?? []).map((file) =>
      file.startsWith('file:') ? fileURLToPath(file) : resolve(root, file),
    ),
    publish: Object.entries(stage.outputs as Record<string, OutputDeclaration>).flatMap(
      ([slot, { publish }]) =>
        publish === undefined ? [] : [{ slot, name: publish.replaceAll('[instance]', () => instance) }],
    ),
    optional: Object.keys(stage.outputs).filter((slot) => isOptional(stage, slot, config, instance)),
  };
}

function isOptional(stage: Stage, slot: string, config: unknown, instance: string): boolean {
  const { optional = false } = (stage.outputs as Record<string, OutputDeclaration>)[slot];
  return typeof optional === 'function' ? optional(config as never, instance) : optional;
}

const REFERENCE = /^(\w+)(?:\[(.*)\])?\.(\w+)$/;

/** Who reads an input, for messages. */
interface Reader {
  readonly stage: Stage;
  readonly id: string;
  readonly slot: string;
}

function resolveInput(
  declaration: ArtifactRef | FileRef,
  { stage: own, id, slot }: Reader,
  around: Surroundings,
): InputSource {
  const place = `${id} (input ${slot})`;
  if (declaration?.from === 'file' && typeof declaration.path === 'string') {
    const path = declaration.path;
    if (path.includes('\0'))
      throw configError(`${place} reads ${JSON.stringify(path)}, which is no path`, { expected: 'a path' });
    return { from: 'file', path: isAbsolute(path) ? path : resolve(around.root, path) };
  }
  if (declaration?.from !== 'artifact' || typeof declaration.ref !== 'string') {
    throw refused(own, `${place} is neither an output of a stage nor a file`, 'from(…) or fromFile(…)', {
      word: slot,
    });
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

/**
 * The targets that patterns mean: `embed` (all instances) or `encode[rank]`, with what they need. `+x` says
 * the same in full; `x+` adds all that depends on x, with what that needs. No pattern: everything.
 */
export function selectTargets(graph: Graph, patterns: readonly string[]): Set<string> {
  if (patterns.length === 0) return new Set(graph.targets.keys());
  const selected = new Set<string>();
  for (const pattern of patterns) {
    const name = pattern.replace(/^\+/, '').replace(/\+$/, '');
    const matches = matchTargets(graph, name);
    for (const id of matches) selected.add(id);
    if (pattern.endsWith('+')) for (const id of downstreamOf(graph, matches)) selected.add(id);
  }
  for (const id of [...graph.targets.keys()].reverse()) {
    if (selected.has(id)) for (const upstream of graph.targets.get(id)!.dependsOn) selected.add(upstream);
  }
  return selected;
}

/** The targets of one name: a stage's instances, or a single one. Throws a usage error if there is none. */
export function matchTargets(graph: Graph, name: string): string[] {
  const matches = [...graph.targets.values()].filter((t) => t.id === name || t.stage.name === name);
  if (matches.length > 0) return matches.map((t) => t.id);
  if (graph.unused.includes(name.replace(/\[.*$/, ''))) {
    throw usageError(`the config asks for nothing of the stage "${name}"`, {
      expected: `one of ${[...new Set([...graph.targets.values()].map((t) => t.stage.name))].join(', ')}`,
      hint: hintOf('unusedStage'),
    });
  }
  const known = [...new Set([...graph.targets.values()].flatMap((t) => [t.stage.name, t.id]))];
  throw usageError(`unknown target "${name}"`, {
    expected: `one of ${known.join(', ')}`,
    hint: nearest(name, known),
  });
}

function downstreamOf(graph: Graph, from: readonly string[]): Set<string> {
  const reached = new Set(from);
  for (const target of graph.targets.values()) {
    if (target.dependsOn.some((id) => reached.has(id))) reached.add(target.id);
  }
  return reached;
}
