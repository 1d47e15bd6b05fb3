//! asc --importMemory --sharedMemory --maximumMemory 65536 --enable threads --memoryBase 64
/**
 * Kernels for pairs of cells, in AssemblyScript (https://www.assemblyscript.org), compiled to WebAssembly with
 * fixed-width SIMD. No relaxed SIMD, so every machine gives the same bits.
 *
 * One call computes rows `rowStart … rowEnd − 1` against one panel. A panel is 16 or 32 cells laid out gene by gene
 * (adjacent numbers are one gene in all its cells), so that one entry of a sparse row is multiplied with all of them at
 * once. All arguments of type usize are byte addresses in the module's memory, which the caller (../pairs.ts) lays out.
 * The memory is shared: threads read the same rows, and each thread writes to its own panel, dots and output.
 *
 * The dot products of each row with the panel are finished immediately into values of the measure, as 32-bit floats:
 *
 *   CORRELATION  clamp((dot − c·s_i·s_j)·w_i·w_j)    Pearson, Spearman (c, s from sums) and cosine (c = 0)
 *   EUCLIDEAN    √max(0, s_i + s_j − 2·dot)          s = squared norm
 *   DIFFERENCE   √dot                                where dot is the sum of squared differences
 *
 * Rows of whole numbers can also have lists, for a search of neighbours: see pairs/prefilter.ts.
 *
 * Sums of floats run in the order of the row's entries, each in its own lane. So the dot product of a row with an equal
 * row has exactly the bits of its squared norm summed in the same order: equal cells have distance 0.
 */
export { denseF64, scatterDense } from './pairs/dense-f64';
export { differenceF32, scatterDifference } from './pairs/difference-f32';
export { clearF64, scatterF64, sparseF64 } from './pairs/sparse-f64';
export { meetPanel, setLists, setRows, cutBack } from './pairs/prefilter';
export { sparseI16 } from './pairs/sparse-i16';
export { clearPanel, fillPanel } from './pairs/steps';
