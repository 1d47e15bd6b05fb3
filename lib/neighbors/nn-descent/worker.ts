/** Thread of a descent: default export for a team of threads. */
import { RandomStream } from '../../flow/random.ts';
import type { TeamMember } from '../../flow/workers/parallel-work.ts';
import { Barrier } from '../../kernels/barrier.ts';
import { collectCandidates, settleFresh } from './candidates.ts';
import { Distances } from './distances.ts';
import { completePools, countHits } from './exact.ts';
import { BLOCK, type DescentJob, FEW_CHANGES, MOST_ROUNDS, PIECE, TREES } from './job.ts';
import { joinCandidates, joinLeaf, takeFound } from './join.ts';
import { plantTree } from './pivot-tree.ts';
import { Pools } from './pools.ts';

/** Number of places of a tree's order that a thread takes at once. */
const LEAVES = 2048;

/**
 * Runs the descent together with the other members of the team. Data written in a phase is written by one thread and read
 * only in other phases, so that the result does not depend on the number of threads. The first member posts the number of
 * each finished round.
 */
export default async function descend(job: DescentJob, member: TeamMember): Promise<void> {
  const { rows, changes } = job;
  const distances = await Distances.open(job);
  const pools = new Pools(job.pools, job.poolSize);
  const barrier = new Barrier(job.barrier, member.count);
  const random = new RandomStream(...job.keys);
  /** Divides the rows into as many shares as there are threads. */
  const share = (work: (first: number, end: number) => void) =>
    barrier.divide(member.count, (i) =>
      work(Math.floor((i * rows) / member.count), Math.floor(((i + 1) * rows) / member.count)),
    );

  barrier.divide(TREES, (tree) => {
    const [from, to] = [tree * rows, (tree + 1) * rows];
    plantTree(job.order.subarray(from, to), job.leafEnds.subarray(from, to), distances, random.at(tree));
  });
  for (let tree = 0; tree < TREES; tree++) {
    barrier.divide(Math.ceil(rows / LEAVES), (piece) => {
      for (const leaf of leavesFrom(job, tree, piece * LEAVES)) joinLeaf(leaf, distances, pools);
    });
  }
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const key = random.at(TREES + round).uint32();
    share((first, end) => collectCandidates(job, first, end, key));
    share((first, end) => settleFresh(job, first, end));
    for (let block = 0; block < rows; block += BLOCK) {
      const blockEnd = Math.min(rows, block + BLOCK);
      const pieces = Math.ceil((blockEnd - block) / PIECE);
      barrier.divide(pieces, (piece) => {
        const first = block + piece * PIECE;
        joinCandidates(job, pools, distances, piece, first, Math.min(blockEnd, first + PIECE));
      });
      share((first, end) => {
        Atomics.add(changes, round, takeFound(job, pools, pieces, first, end));
      });
    }
    if (member.index === 0) member.post(round + 1);
    if (changes[round] <= FEW_CHANGES * rows * job.poolSize) break;
  }
  share((first, end) => completePools(job, distances, first, end));
  barrier.divide(Math.ceil(job.sample.length / distances.width), (piece) => countHits(job, distances, piece));
}

/** Yields the leaves of a tree that start in the LEAVES places from `from` on. */
function* leavesFrom({ rows, order, leafEnds }: DescentJob, tree: number, from: number) {
  const base = tree * rows;
  const end = Math.min(rows, from + LEAVES);
  let start = from;
  while (start > 0 && start < end && leafEnds[base + start - 1] === 0) start++;
  while (start < end) {
    let last = start;
    while (leafEnds[base + last] === 0) last++;
    yield order.subarray(base + start, base + last + 1);
    start = last + 1;
  }
}
