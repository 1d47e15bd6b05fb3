/** Thread of an eigensolver: default export for a team of threads. */
import type { TeamMember } from '../../../flow/workers/parallel-work.ts';
import { type EigenJob, solveEigenJob } from './eigen-job.ts';

/** Solves the job; the first member posts undefined after every block, and the pairs at the end. */
export default async function solve(job: EigenJob, member: TeamMember): Promise<void> {
  const isFirst = member.index === 0;
  const pairs = await solveEigenJob(job, member.count, isFirst ? () => member.post(undefined) : undefined);
  if (isFirst) member.post(pairs);
}
