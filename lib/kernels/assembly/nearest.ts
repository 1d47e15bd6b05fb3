//! asc --importMemory --sharedMemory --maximumMemory 65536 --enable threads --memoryBase 64
/**
 * Nearest neighbours, in AssemblyScript with SIMD: from tiles of distances of any metric, and from points of few dimensions.
 * Distances are compared many at a time with how far the neighbours are that have been found; the few that
 * are not farther go to lists.
 */
export { clearLists, finish, setLists } from './nearest/lists';
export { meetTile, toDistances } from './nearest/tiles';
export { searchLeaves, setTree } from './nearest/tree';
