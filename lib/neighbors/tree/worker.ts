/** Thread of a search: default export for a team of threads. */
import type { TeamMember } from '../../flow/workers/parallel-work.ts';
import { Barrier } from '../../kernels/barrier.ts';
import { LEAF, TreeKernel } from '../../kernels/tree.ts';
import { LEAVES_AT_ONCE, type TreeJob } from './job.ts';

/** Approximate number of progress messages of a search. */
const MESSAGES = 50;

/** Searches the neighbours of the points, leaf by leaf. Each member posts the number of points since its last message. */
export default async function search(job: TreeJob, member: TeamMember): Promise<void> {
  const kernel = await TreeKernel.attach(job);
  const leaves = Math.ceil(job.points / LEAF);
  const barrier = Barrier.at(job.memory, job.barrier, member.count);
  let untold = 0;
  barrier.divide(Math.ceil(leaves / LEAVES_AT_ONCE), (piece) => {
    const from = piece * LEAVES_AT_ONCE;
    const to = Math.min(leaves, from + LEAVES_AT_ONCE);
    kernel.search(from, to);
    untold += Math.min(job.points, to * LEAF) - from * LEAF;
    if (untold * MESSAGES < job.points) return;
    member.post(untold);
    untold = 0;
  });
  member.post(untold);
}
