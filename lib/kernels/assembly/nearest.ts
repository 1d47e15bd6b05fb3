//! asc --importMemory --sharedMemory --maximumMemory 65536 --enable threads --memoryBase 64
/**
 * Nearest neighbours, in AssemblyScript with SIMD: from tiles of distances of any metric, and from points of few
 * dimensions. Many distances at a time are compared with the limits of the lists, and the few that are not above a limit
 * are offered to the lists.
 */
export { clearLists, finish, setLists } from './nearest/lists';
export { meetTile, toDistances } from './nearest/tiles';
export { searchLeaves, setTree } from './nearest/tree';
