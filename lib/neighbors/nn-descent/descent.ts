/**
 * Approximate nearest neighbours by nearest-neighbour descent: a neighbour of a neighbour is likely to be a neighbour
 * (Dong, Moses and Li, "Efficient k-nearest neighbor graph construction for generic similarity measures", WWW 2011).
 * Candidates come from both directions, and new ones are kept apart from old ones, as there and in pynndescent. Pools
 * start from the leaves of random pivot trees; in each round, the candidates of every row are compared with each other.
 *
 * All cores work in phases, and the result has the same bytes for any number of them: finds of a block of rows are
 * recorded first, and then added to each pool by the thread that owns it. The quality of the result is measured on the
 * exact neighbours of a sample of rows.
 */
import { randomSource } from '../../flow/random.ts';
import type { Team } from '../../flow/workers/parallel.ts';
import type { Recall } from '../method.ts';
import { type DescentRows, descentJob } from './job.ts';

export { MOST_ROUNDS } from './job.ts';

/** Number of rows whose exact neighbours are looked up. */
const SAMPLE = 500;

export interface Descent {
  /** Nearest other rows found for each row, rows × k, nearest first, ties by row number. */
  readonly indices: Int32Array;
  readonly distances: Float32Array;
  readonly rounds: number;
  readonly recall: Recall;
}

/**
 * Finds approximate nearest neighbours with all threads of a team.
 *
 * @param k number of neighbours, the row itself not counted: at least 1, and fewer than there are rows
 */
export async function nearestByDescent(
  space: DescentRows,
  k: number,
  { team, onRound }: { team: Team; onRound?: (round: number) => void },
): Promise<Descent> {
  const { rows } = space;
  // A fixed seed: neighbours do not depend on the seed of a study.
  const random = randomSource(0, 'descent');
  const keys = random.stream('search');
  const sample = random.stream('sample').sample(rows, Math.min(SAMPLE, rows));
  const job = descentJob(space, k, sample, [keys.uint32(), keys.uint32()]);
  let rounds = 0;
  await team(new URL('./worker.ts', import.meta.url).href, job, (round) => {
    rounds = round as number;
    onRound?.(rounds);
  });
  const indices = new Int32Array(rows * k);
  const distances = new Float32Array(rows * k);
  for (let row = 0; row < rows; row++) {
    const from = row * job.poolSize;
    indices.set(job.pools.indices.subarray(from, from + k), row * k);
    distances.set(job.pools.distances.subarray(from, from + k), row * k);
  }
  const hits = job.hits.reduce((sum, hit) => sum + hit, 0);
  const worst = job.hits.reduce((least, hit) => Math.min(least, hit), k);
  return {
    indices,
    distances,
    rounds,
    recall: { cells: sample.length, mean: hits / (sample.length * k), worst: worst / k },
  };
}
