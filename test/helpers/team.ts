/** Threads for a search in a test. */
import { ParallelThreads } from '../../lib/flow/workers/parallel.ts';

/** Calls `use` with a team of so many threads, and ends them. */
export async function withTeam<T>(
  threads: number,
  use: (team: ParallelThreads['run']) => Promise<T>,
): Promise<T> {
  const team = new ParallelThreads(threads);
  try {
    return await use(team.run);
  } finally {
    await team.close();
  }
}
