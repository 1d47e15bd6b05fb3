/** Distances between arbitrary rows of a space, computed against a panel of rows at a time. */
import { attachGathered, type GatheredKernel } from '../../kernels/gathered-pairs.ts';
import type { DescentRows } from './job.ts';

const { fround } = Math;

export class Distances {
  /** Number of rows that a panel holds. */
  readonly width: number;
  readonly #kernel: GatheredKernel;
  readonly #space: DescentRows;
  readonly #out: Float32Array;
  #panel: number[] = [];

  static async open(space: DescentRows): Promise<Distances> {
    return new Distances(space, await attachGathered(space.kernelRows));
  }

  private constructor(space: DescentRows, kernel: GatheredKernel) {
    this.#space = space;
    this.#kernel = kernel;
    this.width = kernel.width;
    this.#out = new Float32Array(kernel.width);
  }

  setPanel(rows: ArrayLike<number>): void {
    this.#panel = Array.from(rows);
    this.#kernel.setPanel(rows);
  }

  /**
   * Computes the distances from a row to those of the panel, in a view that the next call overwrites. Where the metric is
   * not defined, distances are 0 between two such rows and 1 to any other, as for exact neighbours.
   */
  meet(row: number): Float32Array {
    const values = this.#kernel.meet(row);
    const { isSimilarity, defined } = this.#space;
    const out = this.#out;
    for (let lane = 0; lane < this.#panel.length; lane++) {
      const distance = isSimilarity ? fround(1 - values[lane]) : values[lane];
      if (!Number.isNaN(distance)) out[lane] = distance;
      else out[lane] = defined[row] === defined[this.#panel[lane]] ? 0 : 1;
    }
    return out;
  }
}
