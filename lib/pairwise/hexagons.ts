/**
 * A grid of regular hexagons over the plane of two measures, pointy side up. Both measures are scaled to the
 * sides of the plot first, so that hexagons are regular where they are drawn; counts are kept by axial coordinates
 * (q, r): a step of q is one hexagon to the right, a step of r half a hexagon right and a row up.
 */

/** The grid as plain data. A hexagon is stepX wide and 4/3 · stepY high, in units of the measures. */
export interface HexGrid {
  /** Centre of hexagon (0, 0). */
  readonly x0: number;
  readonly y0: number;
  readonly stepX: number;
  readonly stepY: number;
  /** All values lie within these. */
  readonly xMax: number;
  readonly yMax: number;
}

export interface HexGridOptions {
  /** Hexagons from the least to the largest x. */
  readonly columns?: number;
  /** Width of the plot's area divided by its height. */
  readonly aspect?: number;
}

/** The grid from the least value of both measures to their largest. A measure with one value gets one unit. */
export function hexGrid(
  x: { readonly min: number; readonly max: number },
  y: { readonly min: number; readonly max: number },
  { columns = 60, aspect = 1 }: HexGridOptions = {},
): HexGrid {
  const xSpan = x.max > x.min ? x.max - x.min : 1;
  const ySpan = y.max > y.min ? y.max - y.min : 1;
  // In units of the plot's width a hexagon is 1/columns wide, and rows are √3/2 of that apart.
  const rowStep = (Math.sqrt(3) / 2 / columns) * aspect;
  return { x0: x.min, y0: y.min, stepX: xSpan / columns, stepY: ySpan * rowStep, xMax: x.max, yMax: y.max };
}

/** The centre of a hexagon in units of the measures. */
export function hexCenter(grid: HexGrid, q: number, r: number): { x: number; y: number } {
  return { x: grid.x0 + grid.stepX * (q + r / 2), y: grid.y0 + grid.stepY * r };
}

/** A class of points that no hexagon counts. */
export const UNCOUNTED = 255;

/** Counts of points of several classes by hexagon, for one grid. */
export class HexCounts {
  /** Rows of cells are one hexagon wider than the grid at both ends. */
  readonly #width: number;
  readonly #counts: Float64Array;
  readonly #classes: number;
  readonly #grid: HexGrid;

  constructor(grid: HexGrid, classes: number) {
    this.#grid = grid;
    this.#classes = classes;
    this.#width = Math.ceil((grid.xMax - grid.x0) / grid.stepX) + 3;
    const height = Math.ceil((grid.yMax - grid.y0) / grid.stepY) + 3;
    this.#counts = new Float64Array(this.#width * height * classes);
  }

  /**
   * Adds the points (xs[xFirst + i], ys[yFirst + i]) of class classOf[i], for i < n. The nearest centre is sought in
   * the nearest row, and in the next one too if the point is in the third of a row's height where hexagons of
   * both rows reach (as in d3-hexbin, Mike Bostock, BSD-3-Clause).
   */
  add(
    xs: Float32Array,
    xFirst: number,
    ys: Float32Array,
    yFirst: number,
    n: number,
    classOf: Uint8Array,
  ): void {
    const { x0, y0, stepX, stepY } = this.#grid;
    const counts = this.#counts;
    const classes = this.#classes;
    const width = this.#width;
    const perX = 1 / stepX;
    const perY = 1 / stepY;
    for (let i = 0; i < n; i++) {
      if (classOf[i] === UNCOUNTED) continue;
      const u = (xs[xFirst + i] - x0) * perX;
      const v = (ys[yFirst + i] - y0) * perY;
      let row = Math.floor(v + 0.5);
      let column = Math.floor(u - (row & 1) / 2 + 0.5);
      const dv = v - row;
      if (dv > 1 / 3 || dv < -1 / 3) {
        const otherRow = dv > 0 ? row + 1 : row - 1;
        const otherColumn = Math.floor(u - (otherRow & 1) / 2 + 0.5);
        const du = u - column - (row & 1) / 2;
        const otherDu = u - otherColumn - (otherRow & 1) / 2;
        const otherDv = v - otherRow;
        // Rows are √3/2 of a width apart: squared, 3/4.
        if (du * du + 0.75 * dv * dv > otherDu * otherDu + 0.75 * otherDv * otherDv) {
          row = otherRow;
          column = otherColumn;
        }
      }
      counts[((row + 1) * width + column + 1) * classes + classOf[i]]++;
    }
  }

  /** [q, r, count] of the hexagons that hold points of a class, by r and then q. */
  entries(ofClass: number): [q: number, r: number, count: number][] {
    const entries: [number, number, number][] = [];
    for (let cell = 0; cell * this.#classes < this.#counts.length; cell++) {
      const count = this.#counts[cell * this.#classes + ofClass];
      if (count === 0) continue;
      const row = Math.floor(cell / this.#width) - 1;
      const column = (cell % this.#width) - 1;
      // From columns, where every odd row is shifted by half a hexagon, to axial.
      entries.push([column - ((row - (row & 1)) >> 1), row, count]);
    }
    return entries;
  }
}
