/**
 * What a run will take, from what its targets took before: for each, the record that it is compared with (see
 * history.ts). A target that was never made has no forecast, and is told as such.
 */
import type { Graph } from '../graph/target.ts';
import type { ActionRecord, Work } from '../store/record.ts';
import type { Store } from '../store/store.ts';
import { workOf } from '../store/work.ts';
import type { Decision } from './decision.ts';

/** The forecast of one target. */
export interface TargetForecast {
  readonly target: string;
  /** False for a target that runs only if what it waits for gives other bytes. */
  readonly isCertain: boolean;
  /** On these workers, in milliseconds; absent, as the rest, where nothing is known. */
  readonly ms?: number;
  readonly peakRssBytes?: number;
  readonly bytes?: number;
}

/** The time and the bytes that a run is expected to take, from the records of earlier actions. */
export interface Forecast {
  /** The targets that run or may run, in the order of the graph. */
  readonly targets: readonly TargetForecast[];
  readonly workers: number;
  /** Of the whole run, if all of them run; those without a forecast count nothing. */
  readonly ms: number;
  readonly peakRssBytes: number;
  readonly bytes: number;
  /** Bytes of those that are certain to run. */
  readonly certainBytes: number;
  readonly withoutForecast: number;
}

/** Estimates what a run of these decisions takes, on so many workers. Reads records; writes nothing. */
export function forecast(
  graph: Graph,
  store: Store,
  decisions: readonly Decision[],
  workers: number,
): Forecast {
  const open = decisions.filter(({ state }) => state === 'stale' || state === 'unknown');
  const targets: TargetForecast[] = [];
  /** For each target the time from the start of the run to its end, if only what it needs runs. */
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
    // Neither sooner than the longest chain of targets, nor than all the work on all the workers.
    ms: Math.max(busyMs / workers, ...ends.values(), 0),
    peakRssBytes: Math.max(0, ...targets.map(({ peakRssBytes = 0 }) => peakRssBytes)),
    bytes: sum(targets),
    certainBytes: sum(targets.filter(({ isCertain }) => isCertain)),
    withoutForecast: targets.filter(({ ms }) => ms === undefined).length,
  };
}

/** Parts run side by side; no part is cut. */
function timeOn(workers: number, { totalMs, longestMs }: Work): number {
  return Math.max(longestMs, totalMs / workers);
}

function recordFor({ target, comparedWith }: Decision, store: Store): ActionRecord | undefined {
  return comparedWith === undefined ? store.lastRecord(target) : store.recordOf(comparedWith.key);
}

function workOfRecord(record: ActionRecord | undefined): Work | undefined {
  return record === undefined ? undefined : (record.work ?? workOf([record]));
}
