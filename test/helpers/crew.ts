/** Threads for a search in a test. */
import { CrewThreads } from '../../lib/flow/workers/parallel.ts';

/** Calls `use` with a crew of so many threads, and ends them. */
export async function withCrew<T>(
  threads: number,
  use: (crew: CrewThreads['run']) => Promise<T>,
): Promise<T> {
  const crew = new CrewThreads(threads);
  try {
    return await use(crew.run);
  } finally {
    await crew.close();
  }
}
