/** Selection of targets by names and patterns, and error messages for names that match none. */
import { type OperationalError, usageError } from '../../errors.ts';
import type { Stage } from '../stage.ts';
import { nearest } from '../text/suggest.ts';
import type { Graph } from './target.ts';

/**
 * Selects the targets that match patterns, with their dependencies: `embed` (all instances) or `encode[rank]`. `+x` means
 * the same as `x`; `x+` adds everything that depends on x, with its dependencies. Without a pattern, selects all targets.
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

/** Ids of the targets with a name: all instances of a stage, or a single target. Throws a usage error if there is none. */
export function matchTargets(graph: Graph, name: string): string[] {
  const matches = [...graph.targets.values()].filter((t) => t.id === name || t.stage.name === name);
  if (matches.length > 0) return matches.map((t) => t.id);
  throw noTarget(graph, name);
}

function noTarget(graph: Graph, name: string): OperationalError {
  const [, stage, instance = ''] = /^([^[]*)(\[.*)?$/s.exec(name)!;
  if (Object.hasOwn(graph.renamed, stage)) {
    const now = graph.renamed[stage];
    const hint = `type ${graph.targets.has(now + instance) ? now + instance : now}`;
    return usageError(`"${stage}" is the old name of a stage, which is now called "${now}"`, { hint });
  }
  const unused = graph.unused.find((one) => one.name === stage);
  if (unused !== undefined)
    return usageError(whyOff(unused, graph.config as Readonly<Record<string, unknown>>));
  const targets = [...graph.targets.values()];
  const ofStage = targets.filter((target) => target.stage.name === stage).map(({ id }) => id);
  const stages = [...new Set(targets.map((target) => target.stage.name))];
  const known = [...stages, ...targets.map(({ id }) => id)];
  return usageError(`unknown target "${name}"`, {
    expected: `one of ${(ofStage.length > 0 ? ofStage : stages).join(', ')}`,
    hint: nearest(name, ofStage.length > 0 ? ofStage : known),
  });
}

/** Reason why a stage has no target, from the config keys that it owns. */
function whyOff({ name, config: shape }: Stage, config: Readonly<Record<string, unknown>>): string {
  const keys = Object.keys(shape ?? {});
  const off = keys.find((key) => config[key] === null);
  if (off !== undefined) return `${name} is off: add ${off}: {} to the config`;
  const empty = keys.find((key) => isEmpty(config[key]));
  if (empty !== undefined) return `${name} is off: ${empty} is empty in the config`;
  const set = keys.length === 0 ? '' : `, see its key ${keys.join(', ')}`;
  return `${name} is off: the config asks for nothing of it${set}`;
}

const isEmpty = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

function downstreamOf(graph: Graph, from: readonly string[]): Set<string> {
  const reached = new Set(from);
  for (const target of graph.targets.values()) {
    if (target.dependsOn.some((id) => reached.has(id))) reached.add(target.id);
  }
  return reached;
}
