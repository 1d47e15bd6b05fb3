/**
 * Values of pairs of arbitrary rows, by the kernels of pairs.ts, for searches that need some pairs rather than whole tiles.
 * A few rows, at most the width of a panel, are laid out as a panel and compared with one row at a time.
 */
import { instantiateKernel, KernelMemory } from './memory.ts';
import { FEW_DIMS, FINISH, type KernelRows } from './pairs.ts';
import { COLUMN_BYTES } from './steps.ts';

export interface GatheredKernel {
  /** Number of rows that a panel holds. */
  readonly width: number;
  /** Replaces the rows of the panel, at most `width`. */
  setPanel(rows: ArrayLike<number>): void;
  /** Computes the values of a row with the rows of the panel, in a view that the next call overwrites. */
  meet(row: number): Float32Array;
}

type KernelFunction = (...numbers: number[]) => void;
type Exports = WebAssembly.Exports &
  Record<
    | 'scatterF64'
    | 'clearF64'
    | 'sparseF64'
    | 'fillPanel'
    | 'clearPanel'
    | 'sparseI16'
    | 'denseF64'
    | 'differenceF32',
    KernelFunction
  >;

/** Operations on a panel for rows of one layout. */
interface Panel {
  readonly width: number;
  put(row: number, lane: number): void;
  /** Zeroes the panel where the row wrote. */
  clear(row: number): void;
  meet(row: number, tail: readonly number[]): void;
}

/** Attaches the kernel for this thread, with its own panel and values. */
export async function attachGathered(rows: KernelRows): Promise<GatheredKernel> {
  const url = new URL('./pairs.wasm', import.meta.url);
  const exports = (await instantiateKernel(url, rows.memory)) as Exports;
  const memory = new KernelMemory(rows.memory);
  const out = memory.allocate(WIDEST * 4);
  const panel = openPanel(exports, rows, memory, out);
  const { width } = panel;
  const s = memory.allocate(width * 8);
  const w = memory.allocate(width * 8);
  const panelS = memory.float64(s, width);
  const panelW = memory.float64(w, width);
  const values = memory.float32(out, width);
  const tail = [FINISH[rows.finish], rows.c, rows.s, rows.w, s, w, out, width * 4];
  let held: number[] = [];
  return {
    width,
    setPanel(next) {
      for (const row of held) panel.clear(row);
      held = Array.from(next);
      for (const [lane, row] of held.entries()) {
        panel.put(row, lane);
        panelS[lane] = memory.float64(rows.s + row * 8, 1)[0];
        panelW[lane] = memory.float64(rows.w + row * 8, 1)[0];
      }
    },
    meet(row) {
      panel.meet(row, tail);
      return values;
    },
  };
}

/** Width of the widest panel. */
const WIDEST = 32;

function openPanel(
  exports: Exports,
  { layout, columns, finish }: KernelRows,
  memory: KernelMemory,
  out: number,
): Panel {
  const dots = memory.allocate(WIDEST * 8);
  switch (layout.kind) {
    case 'sparse': {
      const { indptr, indices, values } = layout;
      const at = memory.allocate(columns * 16 * 8);
      return {
        width: 16,
        put: (row, lane) => exports.scatterF64(indptr, indices, values, row, 1, at + lane * 8),
        clear: (row) => exports.clearF64(indptr, indices, row, 1, at),
        meet: (row, tail) => exports.sparseF64(indptr, indices, values, row, row + 1, at, dots, ...tail),
      };
    }
    case 'integer': {
      const { starts, twos, ends, steps, safe } = layout;
      const at = memory.allocate((columns + 1) * COLUMN_BYTES);
      return {
        width: 32,
        put: (row, lane) => exports.fillPanel(starts, twos, ends, steps, row, 1, at + lane * 2),
        clear: (row) => exports.clearPanel(starts, twos, ends, steps, row, 1, at, columns),
        meet: (row, tail) =>
          exports.sparseI16(starts, twos, ends, steps, row, row + 1, at, dots, safe, ...tail),
      };
    }
    case 'dense': {
      const { values } = layout;
      const isDifference = finish === 'difference' && columns <= FEW_DIMS;
      const width = isDifference ? 32 : 16;
      const at = memory.allocate(columns * width * (isDifference ? 4 : 8));
      const lanes = isDifference ? memory.float32(at, columns * width) : memory.float64(at, columns * width);
      return {
        width,
        put(row, lane) {
          const from = memory.float32(values + row * columns * 4, columns);
          for (let d = 0; d < columns; d++) lanes[d * width + lane] = from[d];
        },
        // `put` overwrites every dimension.
        clear: () => {},
        meet: isDifference
          ? (row) => exports.differenceF32(values, columns, row, row + 1, at, out, width * 4)
          : (row, tail) => exports.denseF64(values, columns, row, row + 1, at, dots, ...tail),
      };
    }
  }
}
