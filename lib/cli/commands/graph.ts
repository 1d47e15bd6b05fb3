/** `graph`: the targets and their inputs, coloured by state. */
import { type Decision, decide, type Graph, type State, selectTargets } from '../../flow/index.ts';
import type { App } from '../app.ts';
import { forcedTargets } from '../options/force.ts';
import type { GraphOptions } from '../options/options.ts';
import { STATES } from '../output/decisions.ts';
import { out } from '../output/ui.ts';
import { tellHashing } from '../render/hashing.ts';
import { openSession } from '../session/session.ts';

export async function graph(app: App, patterns: string[], options: GraphOptions): Promise<number> {
  const session = await openSession(app, options);
  const targets = selectTargets(session.graph, patterns);
  const force = forcedTargets(session.graph, options.force);
  const decisions = await decide(session.graph, session.store, {
    targets,
    force,
    study: session.study,
    watch: tellHashing(options),
  });
  const nodes = nodesOf(session.graph, decisions);
  if (options.json) out(JSON.stringify(nodes, null, 2));
  else out(options.format === 'dot' ? toDot(nodes) : toMermaid(nodes));
  return 0;
}

export interface Node {
  readonly target: string;
  readonly state: State;
  readonly dependsOn: readonly string[];
}

function nodesOf(graph: Graph, decisions: readonly Decision[]): Node[] {
  return decisions.map(({ target, state }) => ({
    target,
    state,
    dependsOn: graph.targets.get(target)!.dependsOn,
  }));
}

/** Colours of fill and line, readable on white and for people who do not tell red from green. */
const COLORS: Readonly<Record<State, readonly [string, string]>> = {
  fresh: ['#d9f0d3', '#1b7837'],
  cached: ['#e8f5e3', '#7fbf7b'],
  stale: ['#fee8c8', '#e08214'],
  unknown: ['#e0ecf4', '#4393c3'],
  blocked: ['#f2f0f7', '#756bb1'],
  failed: ['#fddbc7', '#b2182b'],
};

function toMermaid(nodes: readonly Node[]): string {
  const ids = new Map(nodes.map(({ target }, i) => [target, `t${i}`]));
  const lines = ['flowchart LR'];
  for (const { target, state } of nodes) {
    lines.push(`  ${ids.get(target)}["${target.replaceAll('"', '#quot;')}"]:::${state}`);
  }
  for (const { target, dependsOn } of nodes) {
    for (const from of dependsOn) lines.push(`  ${ids.get(from)} --> ${ids.get(target)}`);
  }
  for (const state of STATES.filter((s) => nodes.some((n) => n.state === s))) {
    const [fill, stroke] = COLORS[state];
    lines.push(`  classDef ${state} fill:${fill},stroke:${stroke},color:#000`);
  }
  return lines.join('\n');
}

function toDot(nodes: readonly Node[]): string {
  const lines = [
    'digraph pipeline {',
    '  rankdir=LR;',
    '  node [shape=box, style="rounded,filled", fontname="sans-serif"];',
  ];
  for (const { target, state } of nodes) {
    const [fill, stroke] = COLORS[state];
    lines.push(`  ${JSON.stringify(target)} [fillcolor="${fill}", color="${stroke}", tooltip="${state}"];`);
  }
  for (const { target, dependsOn } of nodes) {
    for (const from of dependsOn) lines.push(`  ${JSON.stringify(from)} -> ${JSON.stringify(target)};`);
  }
  return `${lines.join('\n')}\n}`;
}
