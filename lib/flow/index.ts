/** Public API of the framework: stages, their graph, and the engine that brings it up to date. No domain knowledge. */
export { Decider, type Resolved } from './decide/decide.ts';
export { decide, resolveAll } from './decide/decide-all.ts';
export type { Cause, Decision, State } from './decide/decision.ts';
export { type Forecast, forecast, type TargetForecast } from './decide/forecast.ts';
export {
  brokenPlan,
  changesSince,
  enforcePlan,
  makePlan,
  type PlanFile,
  parsePlan,
} from './decide/plan-file.ts';
export { describeCause, describeCauses, describeCausesFor } from './decide/words.ts';
export * from './declare.ts';
export type { FlowEvent, RunOutcome } from './events.ts';
export { buildGraph } from './graph/graph.ts';
export { matchTargets, selectTargets } from './graph/select.ts';
export type { Graph, InputSource, Target } from './graph/target.ts';
export { type HintName, type Hints, provideHints } from './hints.ts';
export { type GcOptions, type GcResult, gc } from './maintenance/gc.ts';
export type { Difference, Recomputation, RecomputeOptions } from './maintenance/recompute.ts';
export { type Damage, type Verification, verify } from './maintenance/verify.ts';
export {
  type GraphOptions,
  type Pipeline,
  type PipelineConfig,
  type PipelineResult,
  type PipelineRunOptions,
  type PlanOptions,
  pipeline,
} from './pipeline.ts';
export { RandomStream, randomSource } from './random.ts';
export { run } from './run/run.ts';
export { firstError, type RunOptions, type RunResult } from './run/run-options.ts';
export type { RunOutputs } from './runs/publish-run.ts';
export { diffRuns, type OutputChange, type RunDiff } from './runs/run-diff.ts';
export type { ManifestTarget, RunManifest } from './runs/run-manifest.ts';
export { findRecord, findRun, listRuns, type RunEntry, shortId } from './runs/runs.ts';
export {
  placeOfStudy,
  type Shown,
  type StudyId,
  type StudyPlace,
  shownIn,
  shownOf,
  studyNames,
} from './runs/studies.ts';
export { openStore, type Store } from './store/store.ts';
