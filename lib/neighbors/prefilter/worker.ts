/** Thread of a search: default export for a team of threads. */
import type { TeamMember } from '../../flow/workers/parallel-work.ts';
import { Barrier } from '../../kernels/barrier.ts';
import { PrefilterKernel } from '../../kernels/prefilter.ts';
import type { PrefilterJob } from './job.ts';
import { Measure } from './measure.ts';
import { piecesOf } from './pieces.ts';
import { layRounded } from './rounded-rows.ts';

/** Number of rows whose candidates are measured at once. */
const MEASURED = 256;

/** Pieces per progress message of a thread; few messages, since the threads that receive them need a core, too. */
const TOLD = 16;

/** Runs the search together with the other members. Each posts the number of pieces finished since its last message. */
export default async function search(job: PrefilterJob, member: TeamMember): Promise<void> {
  const barrier = Barrier.at(job.memory, job.barrier, member.count);
  const columns = layRounded(job, (blocks, work) => barrier.divide(blocks, work));
  const kernel = await PrefilterKernel.attach({ ...job, columns });
  const pieces = piecesOf(job.rows);
  let untold = 0;
  barrier.divide(pieces.length, (piece) => {
    const { rowStart, rowEnd, columnStart, columnEnd } = pieces[piece];
    kernel.meet(rowStart, rowEnd, columnStart, columnEnd);
    if (++untold < TOLD) return;
    member.post(untold);
    untold = 0;
  });
  member.post(untold);
  const measure = new Measure(job);
  barrier.divide(Math.ceil(job.rows / MEASURED), (piece) => {
    const end = Math.min(job.rows, (piece + 1) * MEASURED);
    measure.findNearest(piece * MEASURED, end, (row) => kernel.listOf(row));
  });
}
