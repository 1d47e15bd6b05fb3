/** Threads for a search in a test. */
import { ParallelThreads } from '../../lib/flow/workers/parallel.ts';

/** Calls `use` with a crew of so many threads, and ends them. */
export async function withCrew<T>(
  threads: number,
  use: (crew: ParallelThreads['run']) => Promise<T>,
): Promise<T> {
  const crew = new ParallelThreads(threads);
  try {
    return await use(crew.run);
  } finally {
    await crew.close();
  }
}
