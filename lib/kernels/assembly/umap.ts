//! asc --importMemory --sharedMemory --maximumMemory 65536 --enable threads
/**
 * Gradient descent of UMAP for a share of the points, in AssemblyScript: several threads run it at once on one shared
 * memory. Without relaxed SIMD and libm, every machine computes the same bits. The order of the work, and why the result
 * does not depend on the number of threads, are described in lib/embeddings/umap/umap.ts.
 *
 * A point processes its edges of an epoch one after the other: for each edge that is due, the neighbour attracts the
 * point, then points drawn at random repel it, all from its current position. Sixteen points are processed in parallel,
 * one per lane, chosen to have about the same number of edges due so that few lanes idle. Which points share lanes does
 * not change where they move. A hub, which would take much longer than the others, is processed alone, with the points
 * that repel it in the lanes.
 *
 * Shapes (lib/embeddings/umap/layout/layout-plan.ts), with points numbered in the order of the plan, in each group its
 * hubs and then the others:
 * - groupStarts, hubEnds u32[groups + 1]: starts of the groups, and ends of their hubs;
 * - starts u32[points + 1]: start of the edges of each point;
 * - tails, rates u32[edges]: the other end, and how often the edge is sampled (2^31: in every epoch);
 * - chunks [edges of a sub-epoch / 64], 16 bytes each: bit mask of the edges that are due, and the row of the first;
 * - moves f32[(edges of a sub-epoch + 1) × dims]: move that the other end of a due edge gathers; the last row is a sink
 *   for moves that are not read;
 * - gatherStarts u32[groups × points + 1]; receivers, gatherRates, senders u32[edges]: the point that gathers, how often,
 *   and the edge of the sub-epoch that it gathers from;
 * - targets f32[targets × dims], preceded by a row of padding, too far away to attract or repel.
 */
export { movePoints } from './umap/points';
export { factorAt } from './umap/tables';
export { setEpoch, setForces, setGraph, setRoom, setReceivers, setTargets } from './umap/state';
export { gatherMoves } from './umap/gather';
