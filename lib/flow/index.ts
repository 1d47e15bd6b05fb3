/** The framework: stages, their graph, and what brings it up to date. It knows no science. */
export type { CodeChange } from './code-change.ts';
export { CodeTexts } from './code-texts.ts';
export { Decider, decide, type Resolved, resolveAll } from './decide.ts';
export type { Cause, Decision, State } from './decision.ts';
export type { FlowEvent, RunOutcome } from './events.ts';
export { type Forecast, forecast, type TargetForecast } from './forecast.ts';
export { type GcOptions, type GcResult, gc } from './gc.ts';
export {
  buildGraph,
  type Graph,
  type InputSource,
  matchTargets,
  selectTargets,
  type Target,
} from './graph.ts';
export type { ContentHash } from './key.ts';
export type { ManifestTarget } from './manifest.ts';
export { brokenPlan, changesSince, holdTo, makePlan, type PlanFile, parsePlan } from './plan-file.ts';
export { type RandomSource, RandomStream, randomSource } from './random.ts';
export { requireRecognised } from './recognise.ts';
export type { Difference, Recomputation, RecomputeOptions } from './recompute.ts';
export { run } from './run.ts';
export {
  diffRuns,
  filesOf,
  type OutputChange,
  type RunDiff,
} from './run-diff.ts';
export { type ListedFile, type ReadManifest, readListing, readManifestFile } from './run-files.ts';
export { firstError, type RunOptions, type RunResult } from './run-options.ts';
export {
  findRecord,
  findRun,
  listRuns,
  type RunEntry,
  type RunManifest,
  shortId,
} from './runs.ts';
export type { RunOutputs } from './show-run.ts';
export * from './stage.ts';
export { openStore, type Store } from './store.ts';
export {
  isStudyName,
  nothingShown,
  placeOfStudy,
  type Shown,
  STUDY_NAME,
  STUDY_NAME_BYTES,
  STUDY_NAME_RULE,
  type StudyId,
  type StudyPlace,
  shownIn,
  shownOf,
  studyNames,
} from './studies.ts';
export { nearest, nearestName } from './suggest.ts';
export { type Damage, type Verification, verify } from './verify.ts';
export { describeCause, describeCauses, describeCausesFor } from './words.ts';
