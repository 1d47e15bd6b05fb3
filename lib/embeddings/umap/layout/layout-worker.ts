/** Thread of a layout: default export for a team of threads. */
import type { TeamMember } from '../../../flow/workers/parallel-work.ts';
import { Barrier } from '../../../kernels/barrier.ts';
import { instantiateKernel, KernelMemory } from '../../../kernels/memory.ts';
import type { LayoutJob } from './layout-memory.ts';

type Exports = WebAssembly.Exports &
  Record<
    | 'setGraph'
    | 'setReceivers'
    | 'setTargets'
    | 'setRoom'
    | 'setForces'
    | 'setEpoch'
    | 'movePoints'
    | 'gatherMoves',
    (...numbers: number[]) => void
  >;

/** Number of points that gather their moves in one piece of work: enough to outweigh the cost of taking a piece. */
const PIECE = 1024;
/** Bytes of the scratch of a thread's kernel: fixed, and per dimension, negative sample, and edge of a point. */
const ROOM = { least: 15360, dimension: 192, negative: 16, edge: 708 } as const;

/** Runs the epochs of `job` together with the other members; the first member posts the number of finished epochs. */
export default async function layOut(job: LayoutJob, member: TeamMember): Promise<void> {
  const kernel = await openKernel(job);
  const { points, groups, forces, positions, moved } = job;
  const barrier = Barrier.at(job.memory, job.barrier, member.count);
  const pieces = Math.ceil(points / PIECE);
  const targetsMove = !job.isFixed;
  // No edge is due in umap-learn's first epoch, number 0.
  for (let epoch = 1; epoch < forces.epochs; epoch++) {
    const rate = forces.learningRate * (1 - (epoch - 1) / forces.epochs);
    kernel.setEpoch(epoch, rate, forces.keys[2 * epoch], forces.keys[2 * epoch + 1]);
    for (let group = 0; group < groups; group++) {
      barrier.shareQueue((queue) => kernel.movePoints(group, queue, positions, moved));
      if (!targetsMove) continue;
      barrier.divide(pieces, (piece) => {
        const end = Math.min((piece + 1) * PIECE, points);
        kernel.gatherMoves(piece * PIECE, end, group, positions, moved);
      });
    }
    if (member.index === 0) member.post(epoch + 1);
  }
}

async function openKernel(job: LayoutJob): Promise<Exports> {
  const exports = await instantiateKernel(new URL('../../../kernels/umap.wasm', import.meta.url), job.memory);
  const kernel = exports as Exports;
  const { points, dims, forces, mostEdges } = job;
  const room = new KernelMemory(job.memory);
  const { groupStarts, hubEnds, starts, tails, rates } = job;
  kernel.setGraph(groupStarts, hubEnds, starts, tails, rates, points);
  const { gatherStarts, receivers, gatherRates, senders, chunks, moves, sink, isFixed } = job;
  kernel.setReceivers(gatherStarts, receivers, gatherRates, senders, chunks, moves, sink, Number(isFixed));
  kernel.setTargets(job.targets, job.targetCount, dims, forces.negativeSamples);
  const { least, dimension, negative, edge } = ROOM;
  const bytes = least + dims * dimension + forces.negativeSamples * negative + mostEdges * edge;
  kernel.setRoom(room.allocate(bytes), mostEdges);
  const { pulls, pushes } = job;
  kernel.setForces(pulls.lines, pushes.lines, pulls.clippedBelow, pushes.clippedBelow);
  return kernel;
}
