/** `run`: brings targets up to date, shows progress, and summarises the results. */
import { availableParallelism } from 'node:os';
import type { Plain, PlanFile } from '../../flow/index.ts';
import { type Graph, run, selectTargets, shownIn } from '../../flow/index.ts';
import type { App } from '../app.ts';
import { exitCodeOfRun } from '../exit-code.ts';
import { asBug, renderError } from '../failure.ts';
import { forcedTargets } from '../options/force.ts';
import type { RunCommandOptions } from '../options/options.ts';
import { note, out, outWidth, shownPath } from '../output/ui.ts';
import { chooseRenderer } from '../render/choose.ts';
import { tellHashing } from '../render/hashing.ts';
import { valuesGiven } from '../session/given.ts';
import { listenForInterrupts } from '../session/interrupt.ts';
import { gitRevision } from '../session/revision.ts';
import { openSession, type Session } from '../session/session.ts';
import { whereOutputsAre } from '../session/where-outputs.ts';

export async function runTargets(app: App, patterns: string[], options: RunCommandOptions): Promise<number> {
  const planned = options.plan === undefined ? undefined : await openPlan(options.plan, patterns, options);
  return runSession(app, planned?.patterns ?? patterns, planned?.options ?? options, planned?.plan);
}

async function openPlan(file: string, patterns: readonly string[], options: RunCommandOptions) {
  return (await import('../session/planned.ts')).readPlanned(file, patterns, options);
}

async function runSession(
  app: App,
  patterns: string[],
  options: RunCommandOptions,
  plan: PlanFile | undefined,
): Promise<number> {
  if (options.dryRun) return (await import('./plan.ts')).plan(app, patterns, options);
  const session = await openSession(app, options);
  const { graph, store, study, id } = session;
  const targets = selectTargets(graph, patterns);
  const force = forcedTargets(graph, options.force);
  const enforcePlan =
    plan === undefined
      ? undefined
      : await (await import('../session/planned.ts')).requireUnchanged(
          plan,
          session,
          targets,
          force,
          tellHashing(options),
        );
  const given = await valuesGiven(app, session, options);
  const interrupts = listenForInterrupts();
  const renderer = chooseRenderer(options);
  try {
    const result = await run(graph, store, {
      targets,
      force,
      workers: options.workers ?? availableParallelism(),
      memoryBytes: options.memory,
      keepGoing: options.keepGoing,
      limits: { timeoutMs: options.actionTimeout, memoryBytes: options.actionMemory },
      hermetic: options.hermetic,
      links: options.links,
      drain: interrupts.drain,
      kill: interrupts.kill,
      onEvent: (event) => renderer.onEvent(event),
      manifest: manifestOf(app, session),
      study,
      id,
      given,
      enforcePlan,
    });
    renderer.close();
    for (const { error } of result.failed) {
      if (options.quiet && !options.json) note(renderError(error.kind === 'internal' ? asBug(error) : error));
      if (options.debug && error.stack !== undefined) note(`\n${error.stack}`);
    }
    if (result.outputs !== undefined) {
      if (!options.quiet && !options.json) {
        const open = graph.targets.size - result.upToDate;
        const where = whereOutputsAre(result.outputs, { open, given });
        if (where !== undefined) note(where);
      }
      await tellSummary(app, graph, result.outputs.folder, targets, options);
    }
    return result.outcome === 'interrupted' ? interrupts.exitCode() : exitCodeOfRun(result);
  } finally {
    renderer.close();
    interrupts.stopListening();
  }
}

/** Origin of the results for the run's record: program, platform and config. */
function manifestOf(app: App, { resolved }: Session): Record<string, Plain> {
  return {
    program: { name: app.name, version: app.version, revision: gitRevision(app.root) },
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    configFile: resolved.file.name,
    config: resolved.config as Plain,
  };
}

async function tellSummary(
  app: App,
  graph: Graph,
  folder: string,
  targets: ReadonlySet<string>,
  { json, quiet }: RunCommandOptions,
): Promise<void> {
  const summarize = quiet && !json ? undefined : await app.summary?.();
  // A target may leave outputs unwritten.
  const published = shownIn(folder)?.published ?? {};
  const names = [...targets].flatMap((id) => graph.targets.get(id)!.publish.map(({ name }) => name));
  const outputs = new Set(names.filter((name) => Object.hasOwn(published, name)));
  const summary = await summarize?.({ folder, outputs, shown: shownPath, width: outWidth() });
  if (summary === undefined) return;
  out(json ? JSON.stringify({ type: 'summary', ...summary.data }) : `\n${summary.text}`);
}
