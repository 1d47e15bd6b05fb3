/** The graph of targets: every instance of every stage under one config, with what each reads. */
import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configError, usageError } from '../errors.ts';
import type {
  AnyKind,
  ArtifactRef,
  FileRef,
  InputDeclaration,
  OutputDeclaration,
  Plain,
  Stage,
} from './stage.ts';
import { nearest } from './suggest.ts';

/** Where an input comes from, resolved. */
export type InputSource =
  | { readonly from: 'artifact'; readonly target: string; readonly output: string; readonly kind: AnyKind }
  | { readonly from: 'file'; readonly path: string };

export interface Target {
  /** `hvg`, or `encode[rank]` for an instance. */
  readonly id: string;
  readonly stage: Stage;
  /** '' if the stage has a single target. */
  readonly instance: string;
  readonly params: Plain;
  /** The seed, or null for a stage that draws no random numbers. */
  readonly seed: number | null;
  readonly inputs: Readonly<Record<string, InputSource | readonly InputSource[]>>;
  readonly dependsOn: readonly string[];
  readonly files: readonly { readonly slot: string; readonly path: string }[];
  /** Files with code of this instance alone, absolute. */
  readonly code: readonly string[];
  /** Outputs with a name under `latest/`. */
  readonly publish: readonly { readonly slot: string; readonly name: string }[];
}

export interface Graph {
  /** In topological order; among free ones in the order of the stages and the config. */
  readonly targets: ReadonlyMap<string, Target>;
  readonly config: unknown;
  readonly seed: number;
  /** The folder from which relative paths count. */
  readonly root: string;
}

export function targetId(stage: string, instance: string): string {
  return instance === '' ? stage : `${stage}[${instance}]`;
}

/**
 * Builds the graph of a config that its schema has accepted. Throws a config error for a reference to an
 * instance that does not exist and for a cycle.
 */
export function buildGraph(
  stages: readonly Stage[],
  config: unknown,
  { seed, root }: { seed: number; root: string },
): Graph {
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  const ids = new Set<string>();
  for (const stage of stages) for (const i of instancesOf(stage, config)) ids.add(targetId(stage.name, i));

  const targets = new Map<string, Target>();
  for (const stage of stages) {
    for (const instance of instancesOf(stage, config)) {
      const target = makeTarget(stage, instance, { config, seed, root, byName, ids });
      targets.set(target.id, target);
    }
  }
  return { targets: inTopologicalOrder(targets), config, seed, root };
}

function instancesOf(stage: Stage, config: unknown): readonly string[] {
  return stage.each === undefined ? [''] : stage.each(config as never);
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
  const declared = stage.inputs(config as never, instance) as Record<string, InputDeclaration>;
  const inputs: Record<string, InputSource | InputSource[]> = {};
  for (const slot of Object.keys(declared).sort()) {
    const declaration = declared[slot];
    if (declaration === undefined) continue;
    inputs[slot] = Array.isArray(declaration)
      ? declaration.map((ref) => resolveInput(ref, id, around))
      : resolveInput(declaration as ArtifactRef | FileRef, id, around);
  }
  const all = Object.values(inputs).flat();
  const random =
    typeof stage.random === 'function' ? stage.random(config as never, instance) : stage.random === true;
  return {
    id,
    stage,
    instance,
    params: stage.params(config as never, instance) as Plain,
    seed: random ? seed : null,
    inputs,
    dependsOn: [...new Set(all.flatMap((i) => (i.from === 'artifact' ? [i.target] : [])))],
    files: Object.entries(inputs).flatMap(([slot, source]) =>
      [source].flat().flatMap((i) => (i.from === 'file' ? [{ slot, path: resolve(root, i.path) }] : [])),
    ),
    code: (stage.code?.(config as never, instance) ?? []).map((file) =>
      file.startsWith('file:') ? fileURLToPath(file) : resolve(root, file),
    ),
    publish: Object.entries(stage.outputs as Record<string, OutputDeclaration>).flatMap(
      ([slot, { publish }]) =>
        publish === undefined ? [] : [{ slot, name: publish.replace('[instance]', instance) }],
    ),
  };
}

const REFERENCE = /^(\w+)(?:\[(.*)\])?\.(\w+)$/;

function resolveInput(declaration: ArtifactRef | FileRef, reader: string, around: Surroundings): InputSource {
  if (declaration.from === 'file') {
    const path = declaration.path;
    return { from: 'file', path: isAbsolute(path) ? path : resolve(around.root, path) };
  }
  const match = REFERENCE.exec(declaration.ref);
  const stage = match === null ? undefined : around.byName.get(match[1]);
  const output = stage?.outputs[match?.[3] ?? ''];
  if (match === null || stage === undefined || output === undefined) {
    throw new TypeError(`stage ${reader} reads "${declaration.ref}", which no stage writes`);
  }
  const target = targetId(match[1], match[2] ?? '');
  if (!around.ids.has(target)) {
    throw configError(`${reader} needs ${target}, which the config does not define`, {
      hint: nearest(target, [...around.ids]),
    });
  }
  if (!declaration.kinds.some((kind) => kind.name === output.kind.name)) {
    const wanted = declaration.kinds.map((kind) => kind.name).join(' or ');
    throw configError(`${reader} cannot read ${declaration.ref}: it is a ${output.kind.name}`, {
      expected: wanted,
    });
  }
  return { from: 'artifact', target, output: match[3], kind: output.kind };
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
