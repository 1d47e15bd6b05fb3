/**
 * Grid of regular hexagons over the plane of two measures, pointy side up. Both measures are scaled to the sides of
 * the plot first, so that hexagons are regular where they are drawn. Counts are kept by axial coordinates
 * (q, r): a step of q is one hexagon to the right, a step of r half a hexagon right and a row up.
 */
import type { HexCells } from '../../kernels/hexagons.ts';

/** Hexagonal grid as plain data. A hexagon is stepX wide and 4/3 · stepY high, in units of the measures. */
export type HexGrid = {
  /** Centre of hexagon (0, 0). */
  readonly x0: number;
  readonly y0: number;
  readonly stepX: number;
  readonly stepY: number;
  /** Upper bounds of the values; the lower bounds are x0 and y0. */
  readonly xMax: number;
  readonly yMax: number;
};

export interface HexGridOptions {
  /** Number of hexagons from the least to the largest x. */
  readonly columns?: number;
  /** Width of the plot's area divided by its height. */
  readonly aspect?: number;
}

/** Returns the grid from the least to the largest value of both measures. A measure with one value spans one unit. */
export function hexGrid(
  x: { readonly min: number; readonly max: number },
  y: { readonly min: number; readonly max: number },
  { columns = 60, aspect = 1 }: HexGridOptions = {},
): HexGrid {
  const xSpan = x.max > x.min ? x.max - x.min : 1;
  const ySpan = y.max > y.min ? y.max - y.min : 1;
  // A hexagon is 1/columns of the plot's width wide, and rows are √3/2 of that apart.
  const rowStep = (Math.sqrt(3) / 2 / columns) * aspect;
  return { x0: x.min, y0: y.min, stepX: xSpan / columns, stepY: ySpan * rowStep, xMax: x.max, yMax: y.max };
}

/** Returns the centre of a hexagon, in units of the measures. */
export function hexCenter(grid: HexGrid, q: number, r: number): { x: number; y: number } {
  return { x: grid.x0 + grid.stepX * (q + r / 2), y: grid.y0 + grid.stepY * r };
}

/**
 * Returns the rectangular array of cells that holds the hexagons of a grid: every odd row is shifted by half a hexagon,
 * and a margin of one hexagon surrounds the grid.
 */
export function hexCells({ x0, y0, stepX, stepY, xMax, yMax }: HexGrid): HexCells {
  return {
    x0,
    y0,
    perX: 1 / stepX,
    perY: 1 / stepY,
    columns: Math.ceil((xMax - x0) / stepX) + 3,
    rows: Math.ceil((yMax - y0) / stepY) + 3,
  };
}

/** Returns the axial coordinates of a cell, given its row-major number. */
export function axialOf({ columns }: HexCells, cell: number): { q: number; r: number } {
  const r = Math.floor(cell / columns) - 1;
  const column = (cell % columns) - 1;
  return { q: column - ((r - (r & 1)) >> 1), r };
}
