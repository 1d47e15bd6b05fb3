/**
 * Forecast of a run's time, memory and bytes from earlier records of its targets: for each target, the record it is
 * compared with (see history.ts). A target that was never made has no forecast, and is counted as such.
 */
import type { Graph } from '../graph/target.ts';
import type { ActionRecord, Work } from '../store/record.ts';
import type { Store } from '../store/store.ts';
import { workOf } from '../store/work.ts';
import type { Decision } from './decision.ts';

/** Forecast of one target. */
export interface TargetForecast {
  readonly target: string;
  /** False for a target that runs only if a pending dependency produces different bytes. */
  readonly isCertain: boolean;
  /** Estimated milliseconds on the given workers. Absent, like the following fields, if there is no earlier record. */
  readonly ms?: number;
  readonly peakRssBytes?: number;
  readonly bytes?: number;
}

/** Expected time, memory and bytes of a run, from the records of earlier actions. */
export interface Forecast {
  /** Targets that run or may run, in the order of the graph. */
  readonly targets: readonly TargetForecast[];
  readonly workers: number;
  /** Estimated milliseconds of the whole run if every target runs; targets without a forecast count as 0. */
  readonly ms: number;
  readonly peakRssBytes: number;
  readonly bytes: number;
  /** Bytes of the targets that are certain to run. */
  readonly certainBytes: number;
  readonly withoutForecast: number;
}

/** Estimates the cost of a run of these decisions on the given number of workers. Reads records; writes nothing. */
export function forecast(
  graph: Graph,
  store: Store,
  decisions: readonly Decision[],
  workers: number,
): Forecast {
  const open = decisions.filter(({ state }) => state === 'stale' || state === 'unknown');
  const targets: TargetForecast[] = [];
  /** Milliseconds from the start of the run to the end of each target, if only its dependencies run. */
  const ends = new Map<string, number>();
  let busyMs = 0;
  for (const decision of open) {
    const target = graph.targets.get(decision.target)!;
    const work = workOfRecord(recordFor(decision, store));
    const wantsAll = target.wantsAllCores;
    const ms = work === undefined ? 0 : wantsAll ? work.totalMs : timeOn(workers, work);
    busyMs += wantsAll ? ms * workers : (work?.totalMs ?? 0);
    ends.set(target.id, ms + Math.max(0, ...target.dependsOn.map((id) => ends.get(id) ?? 0)));
    const isCertain = decision.state === 'stale';
    targets.push(
      work === undefined
        ? { target: target.id, isCertain }
        : { target: target.id, isCertain, ms, peakRssBytes: work.peakRssBytes, bytes: work.bytes },
    );
  }
  const sum = (of: readonly TargetForecast[]) => of.reduce((total, { bytes = 0 }) => total + bytes, 0);
  return {
    targets,
    workers,
    // Lower bounds: the longest chain of targets, and all work spread over all workers.
    ms: Math.max(busyMs / workers, ...ends.values(), 0),
    peakRssBytes: Math.max(0, ...targets.map(({ peakRssBytes = 0 }) => peakRssBytes)),
    bytes: sum(targets),
    certainBytes: sum(targets.filter(({ isCertain }) => isCertain)),
    withoutForecast: targets.filter(({ ms }) => ms === undefined).length,
  };
}

/** Milliseconds of a target's work on the given workers: parts run in parallel, a single part is not split. */
function timeOn(workers: number, { totalMs, longestMs }: Work): number {
  return Math.max(longestMs, totalMs / workers);
}

function recordFor({ target, comparedWith }: Decision, store: Store): ActionRecord | undefined {
  return comparedWith === undefined ? store.lastRecord(target) : store.recordOf(comparedWith.key);
}

function workOfRecord(record: ActionRecord | undefined): Work | undefined {
  return record === undefined ? undefined : (record.work ?? workOf([record]));
}
