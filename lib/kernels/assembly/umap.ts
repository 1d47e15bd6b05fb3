//! asc --importMemory --sharedMemory --maximumMemory 65536 --enable threads
/**
 * The gradient descent of UMAP for a share of the points, in AssemblyScript: several threads run it at once on one
 * shared memory. No relaxed SIMD, no libm: every machine computes the same bits. What is done when, and why the
 * number of threads cannot be seen: lib/umap/layout.ts.
 *
 * A point works off its targets of an epoch one after the other: for each edge whose turn it is the neighbour,
 * which attracts, then points drawn at random, which repel. Eight points do so abreast, one to a lane; to lose
 * little, they are chosen to have about as many targets. Which points stand abreast does not change where they go.
 *
 * Shapes: segments u32[points × groups + 1], where a point's edges to the points of each group start;
 * tails, rates, mirrors u32[edges]: the other end, how often the edge is sampled (2^31: in every epoch) and the
 * same edge seen from the other end; targets f32[(targets + 1) × dims] and moves f32[(edges + 1) × dims], the last
 * row being nobody: too far away to pull or push, and there to take what no one needs.
 */
export { movePoints, takeMoves } from './umap/points';
export { powerOf } from './umap/power';
export { setEpoch, setForces, setGraph, setLaneRoom, setPieceRoom, setTargets } from './umap/state';
