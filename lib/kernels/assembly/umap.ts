//! asc --importMemory --sharedMemory --maximumMemory 65536 --enable threads
/**
 * The gradient descent of UMAP for a share of the points, in AssemblyScript: several threads run it at once on one
 * shared memory. No relaxed SIMD, no libm: every machine computes the same bits. What is done when, and why the
 * number of threads cannot be seen: lib/embeddings/umap/umap.ts.
 *
 * A point works off its edges of an epoch one after the other: for each edge that is due the neighbour
 * attracts it, then points drawn at random repel it, all from where it stands then. Sixteen points do so abreast, a
 * lane each; to lose little, they are chosen to have about as many edges due. Which points stand abreast does not
 * change where they go. A hub, which would be at work long after the others, goes alone, with the points that repel
 * it in the lanes.
 *
 * Shapes (lib/embeddings/umap/layout/layout-plan.ts): points are numbered in the order of the plan, in each group its hubs and then the
 * others; groupStarts, hubEnds u32[groups + 1], where these start and the hubs end; starts u32[points + 1], where the
 * edges of each start; tails, rates u32[edges]: the other end, and how often the edge is sampled (2^31: in every epoch);
 * chunks [edges of a sub-epoch / 64], 16 bytes each: which of the edges are due, a bit each, and the row of the first;
 * moves f32[(edges of a sub-epoch + 1) × dims]: what the other end of an edge that is due owes to it, the last row taking what
 * no one needs; gatherStarts u32[groups × points + 1]; receivers, gatherRates, senders u32[edges]: which point gathers, how often, and from
 * which edge of the sub-epoch; targets f32[targets × dims], with a row before the first: padding, too far away to pull or push.
 */
export { movePoints } from './umap/points';
export { factorAt } from './umap/tables';
export { setEpoch, setForces, setGraph, setRoom, setReceivers, setTargets } from './umap/state';
export { gatherMoves } from './umap/gather';
