/** Execution of a layout on a team of threads over one shared memory. */
import type { RandomStream } from '../../../flow/random.ts';
import type { Team } from '../../../flow/workers/parallel.ts';
import type { LayoutRun } from '../parameters.ts';
import { type LayoutJob, positionsOf } from './layout-memory.ts';

export interface TeamRun extends LayoutRun {
  readonly team: Team;
}

/** Draws two words of random bits for each epoch. */
export function epochKeys(random: RandomStream, epochs: number): Uint32Array {
  const keys = new Uint32Array(2 * epochs);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const stream = random.at(epoch);
    keys[2 * epoch] = stream.uint32();
    keys[2 * epoch + 1] = stream.uint32();
  }
  return keys;
}

/** Runs all epochs, and returns the coordinates, points × dims. */
export async function runLayout(
  job: LayoutJob,
  team: Team,
  onEpoch?: (done: number, total: number) => void,
): Promise<Float32Array> {
  const { epochs } = job.forces;
  await team(new URL('./layout-worker.ts', import.meta.url).href, job, (done) =>
    onEpoch?.(done as number, epochs),
  );
  return positionsOf(job);
}
