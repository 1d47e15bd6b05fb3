/** One thread of a layout: default export for a crew. */
import type { CrewMember } from '../flow/crew.ts';
import { BARRIER_WORDS, Barrier } from '../kernels/barrier.ts';
import { instantiateKernel, KernelMemory } from '../kernels/memory.ts';
import type { LayoutJob } from './layout-memory.ts';

type Exports = WebAssembly.Exports &
  Record<
    | 'setGraph'
    | 'setTargets'
    | 'setPieceRoom'
    | 'setLaneRoom'
    | 'setForces'
    | 'setEpoch'
    | 'movePoints'
    | 'takeMoves',
    (...numbers: number[]) => void
  >;

/** Points of a piece of work: enough to make up for asking for it, few enough for threads to end together. */
const PIECE = 128;
/** Points that the kernel moves abreast. */
const LANES = 8;
/** Numbers that the kernel keeps in memory. */
const CONSTANTS = 30;

/** Works on the epochs of `job` together with the other members. The first one posts how many are done. */
export default async function layOut(job: LayoutJob, member: CrewMember): Promise<void> {
  const kernel = await openKernel(job);
  const { points, groups, forces, positions, moved } = job;
  const barrier = new Barrier(new Int32Array(job.memory.buffer, job.barrier, BARRIER_WORDS), member.count);
  const span = PIECE * groups;
  const pieces = Math.ceil(points / span);
  const targetsMove = job.mirrors !== 0;
  // In the first of umap-learn's epochs, number 0, nothing is due yet.
  for (let epoch = 1; epoch < forces.epochs; epoch++) {
    const rate = forces.learningRate * (1 - (epoch - 1) / forces.epochs);
    kernel.setEpoch(epoch, rate, forces.keys[2 * epoch], forces.keys[2 * epoch + 1]);
    for (let group = 0; group < groups; group++) {
      barrier.share(pieces, (piece) => {
        const end = Math.min((piece + 1) * span, points);
        kernel.movePoints(piece * span + group, end, groups, positions, moved);
      });
      if (!targetsMove) continue;
      barrier.share(pieces, (piece) => {
        const end = Math.min((piece + 1) * span, points);
        kernel.takeMoves(piece * span, end, group, positions, moved);
      });
    }
    if (member.index === 0) member.post(epoch + 1);
  }
}

async function openKernel(job: LayoutJob): Promise<Exports> {
  const exports = await instantiateKernel(new URL('../kernels/umap.wasm', import.meta.url), job.memory);
  const kernel = exports as Exports;
  const { dims, groups, edges, mostEdges, forces } = job;
  const { negativeSamples } = forces;
  const room = new KernelMemory(job.memory);
  const words = (count: number) => room.allocate(count * 4);
  kernel.setGraph(job.segments, groups, job.tails, job.rates, job.mirrors, job.moves, job.nowhere);
  kernel.setTargets(job.targets, job.targetCount, dims, negativeSamples);
  const mostSampled = Math.min(PIECE * mostEdges, edges) + 1;
  kernel.setPieceRoom(words(mostSampled), words(PIECE + 1), words(PIECE), words(mostEdges + 2));
  kernel.setLaneRoom(
    words(mostEdges * negativeSamples + 4),
    words(LANES * mostEdges * (1 + negativeSamples)),
    words(LANES * mostEdges),
    words(LANES * dims),
    words(LANES * dims),
    words(4 * CONSTANTS),
  );
  kernel.setForces(forces.a, forces.b, forces.repulsion);
  return kernel;
}
