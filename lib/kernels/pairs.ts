/**
 * Typed front end of the pair kernels (assembly/pairs.ts), which compute the values of tiles of pairs. Rows are laid out
 * once in shared memory, so that one copy serves all threads; each thread attaches to it with its own scratch.
 */
import { randomUUID } from 'node:crypto';
import { type Address, instantiateKernel, KernelMemory, sharedMemory } from './memory.ts';
import { COLUMN_BYTES, layOutSteps, type Steps } from './steps.ts';

/**
 * Conversion of a dot product to the value of a pair.
 * correlation: (dot − c·s_i·s_j)·w_i·w_j, clamped to [−1, 1]. euclidean: √max(0, s_i + s_j − 2·dot).
 * difference: root of the sum of squared differences, without a dot product; dense rows only.
 */
export type Finish = 'correlation' | 'euclidean' | 'difference';
export const FINISH: Readonly<Record<Finish, number>> = { correlation: 0, euclidean: 1, difference: 2 };

/** Scalars that the conversion to values needs; s and w have one number per row. */
export interface RowScalars {
  readonly finish: Finish;
  readonly c: number;
  readonly s: Float64Array;
  readonly w: Float64Array;
}

/** Tile of pairs of rows [rowStart, rowEnd) with rows [columnStart, columnEnd). */
export interface Tile {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly columnStart: number;
  readonly columnEnd: number;
  /** Whether only pairs with row < column are wanted; the other values of the tile may then be left uncomputed. */
  readonly upper?: boolean;
}

/** Row-major values of a tile, rows `stride` apart. A view of the kernel's memory, which the next tile overwrites. */
export interface TileValues {
  readonly values: Float32Array;
  readonly stride: number;
}

export interface PairKernel {
  tile(tile: Tile): TileValues;
}

/** Sparse rows of real values. Indices are below `columns`. */
export interface SparseRows {
  readonly rows: number;
  readonly columns: number;
  readonly indptr: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

type Layout =
  | { readonly kind: 'sparse'; readonly indptr: Address; readonly indices: Address; readonly values: Address }
  | ({
      readonly kind: 'integer';
      /** Number of products of two entries whose sum fits 32 bits. */
      readonly safe: number;
    } & Steps)
  | { readonly kind: 'dense'; readonly values: Address };

/** Rows laid out in shared memory, in a form that can be passed to other threads. */
export interface KernelRows {
  /** Random identifier of the rows, never part of a result. */
  readonly id: string;
  readonly memory: WebAssembly.Memory;
  readonly layout: Layout;
  /** Number of columns of a panel: those in use of sparse rows, the dimensions of dense rows. */
  readonly columns: number;
  readonly finish: Finish;
  readonly c: number;
  readonly s: Address;
  readonly w: Address;
}

/** Width of the widest panel, which may extend that far past the last row. */
const WIDEST = 32;

function lay(memory: KernelMemory, columns: number, layout: Layout, scalars: RowScalars): KernelRows {
  const rows = scalars.s.length;
  const s = memory.allocate((rows + WIDEST) * 8);
  const w = memory.allocate((rows + WIDEST) * 8);
  memory.float64(s, rows).set(scalars.s);
  memory.float64(w, rows).set(scalars.w);
  const id = randomUUID();
  return { id, memory: memory.memory, layout, columns, finish: scalars.finish, c: scalars.c, s, w };
}

/** Arrays for the entries of sparse rows: those of a row from `starts[row]` on; rows may be written in any order. */
export interface RowLayer {
  readonly starts: Uint32Array;
  readonly indices: Uint32Array | Uint16Array;
  readonly values: Float32Array | Uint16Array;
  /** Completes the layout, after all rows are written. */
  lay(scalars: RowScalars): KernelRows;
}

/**
 * Opens a layout for sparse rows of any values, computed in 64-bit floats. `from`: number of entries before each row, and
 * of all.
 */
export function sparseLayer(from: Uint32Array, columns: number): RowLayer {
  const memory = new KernelMemory(sharedMemory());
  const nnz = from[from.length - 1];
  const indptr = memory.allocate(from.length * 4);
  const indices = memory.allocate(nnz * 4);
  const values = memory.allocate(nnz * 4);
  memory.uint32(indptr, from.length).set(from);
  return {
    starts: from,
    indices: memory.uint32(indices, nnz),
    values: memory.float32(values, nnz),
    lay: (scalars) => lay(memory, columns, { kind: 'sparse', indptr, indices, values }, scalars),
  };
}

/** Lays out sparse rows of any values, computed in 64-bit floats. */
export function laySparse(rows: SparseRows, scalars: RowScalars): KernelRows {
  const layer = sparseLayer(rows.indptr.subarray(0, rows.rows + 1), rows.columns);
  layer.indices.set(rows.indices.subarray(0, layer.indices.length));
  layer.values.set(rows.values.subarray(0, layer.values.length));
  return layer.lay(scalars);
}

/** Largest value, and largest number of columns, that `layIntegers` takes. */
export const INTEGER_LIMITS = { value: 32767, columns: 65535 } as const;

/** Sparse rows of whole numbers from 0 to 32,767, written one by one to their final place. */
export interface IntegerRows {
  /** Number of entries before each row, and of all. */
  readonly indptr: Uint32Array;
  readonly columns: number;
  /** Writes the columns and values of a row. */
  write(row: number, indices: Uint16Array, values: Uint16Array): void;
}

/**
 * Opens a layout for sparse rows of whole numbers within `INTEGER_LIMITS`. Results are exact, and several times as fast as
 * with floats, since entries of equal value are added up before they are multiplied, eight cells in one instruction. Sums
 * are 32 bits wide and spilled before they can overflow.
 */
export function integerLayer(from: Uint32Array, columns: number): RowLayer {
  const nnz = from[from.length - 1];
  const indices = new Uint16Array(nnz);
  const values = new Uint16Array(nnz);
  return {
    starts: from,
    indices,
    values,
    lay(scalars) {
      const memory = new KernelMemory(sharedMemory());
      let largest = 1;
      for (let e = 0; e < nnz; e++) if (values[e] > largest) largest = values[e];
      const safe = Math.floor(0xffffffff / (largest * largest));
      const steps = layOutSteps(memory, { starts: from, columns: indices, values, used: columns, largest });
      return lay(memory, columns, { kind: 'integer', safe, ...steps }, scalars);
    },
  };
}

/** Lays out sparse rows of whole numbers. @param scalars read after all rows have been written */
export function layIntegers({ indptr, columns, write }: IntegerRows, scalars: RowScalars): KernelRows {
  const layer = integerLayer(indptr, columns);
  const indices = layer.indices as Uint16Array;
  const values = layer.values as Uint16Array;
  for (let i = 0; i + 1 < indptr.length; i++) {
    const start = layer.starts[i];
    const end = start + indptr[i + 1] - indptr[i];
    write(i, indices.subarray(start, end), values.subarray(start, end));
  }
  return layer.lay(scalars);
}

/** Adapts rows in memory to the argument of `layIntegers`. */
export const integerRows = ({ indptr, columns, indices, values }: SparseRows): IntegerRows => ({
  indptr,
  columns,
  write(row, indexOut, valueOut) {
    indexOut.set(indices.subarray(indptr[row], indptr[row + 1]));
    valueOut.set(values.subarray(indptr[row], indptr[row + 1]));
  },
});

/** Lays out dense rows, row-major. */
export function layDense(rows: Float32Array, dims: number, scalars: RowScalars): KernelRows {
  const memory = new KernelMemory(sharedMemory());
  const values = memory.allocate(rows.length * 4);
  memory.float32(values, rows.length).set(rows);
  return lay(memory, dims, { kind: 'dense', values }, scalars);
}

type KernelFunction = (...numbers: number[]) => void;
type Exports = WebAssembly.Exports & {
  readonly [name in
    | `scatter${'F64' | 'Dense' | 'Difference'}`
    | 'fillPanel'
    | `clear${'F64' | 'Panel'}`
    | `sparse${'F64' | 'I16'}`
    | 'denseF64'
    | 'differenceF32']: KernelFunction;
};

/** Number of dimensions up to which distances of dense rows are summed in 32-bit floats: an error below 2^-19. */
export const FEW_DIMS = 61;

/** Operations on a panel that differ between kernels. */
interface PanelKernel {
  /** Number of cells of a panel. */
  readonly width: number;
  readonly panelBytes: number;
  /** Lays out cells as a panel, which must be zero except for dense rows. */
  load(panel: Address, first: number, lanes: number): void;
  /** Zeroes a panel that holds the given cells. */
  clear?(panel: Address, first: number, lanes: number): void;
  run(panel: Address, dots: Address, rows: PanelRows): void;
}

interface PanelRows {
  readonly start: number;
  readonly end: number;
  readonly out: Address;
  readonly strideBytes: number;
  /** Last arguments of a kernel with scalars: measure … stride. */
  readonly tail: readonly number[];
}

function panelKernel(exports: Exports, { layout, columns, finish }: KernelRows): PanelKernel {
  switch (layout.kind) {
    case 'sparse': {
      const { indptr, indices, values } = layout;
      return {
        width: 16,
        panelBytes: columns * 16 * 8,
        load: (panel, first, lanes) => exports.scatterF64(indptr, indices, values, first, lanes, panel),
        clear: (panel, first, lanes) => exports.clearF64(indptr, indices, first, lanes, panel),
        run: (panel, dots, { start, end, tail }) =>
          exports.sparseF64(indptr, indices, values, start, end, panel, dots, ...tail),
      };
    }
    case 'integer': {
      const { starts, twos, ends, steps, safe } = layout;
      return {
        width: 32,
        panelBytes: (columns + 1) * COLUMN_BYTES,
        load: (panel, first, lanes) => exports.fillPanel(starts, twos, ends, steps, first, lanes, panel),
        clear: (panel, first, lanes) =>
          exports.clearPanel(starts, twos, ends, steps, first, lanes, panel, columns),
        run: (panel, dots, { start, end, tail }) =>
          exports.sparseI16(starts, twos, ends, steps, start, end, panel, dots, safe, ...tail),
      };
    }
    case 'dense': {
      const { values } = layout;
      if (finish === 'difference' && columns <= FEW_DIMS) {
        return {
          width: 32,
          panelBytes: columns * 32 * 4,
          load: (panel, first, lanes) => exports.scatterDifference(values, columns, first, lanes, panel),
          run: (panel, _dots, { start, end, out, strideBytes }) =>
            exports.differenceF32(values, columns, start, end, panel, out, strideBytes),
        };
      }
      return {
        width: 16,
        panelBytes: columns * 16 * 8,
        load: (panel, first, lanes) => exports.scatterDense(values, columns, first, lanes, panel),
        run: (panel, dots, { start, end, tail }) =>
          exports.denseF64(values, columns, start, end, panel, dots, ...tail),
      };
    }
  }
}

/** Scratch of one thread in a memory. */
interface Room {
  readonly panel: Address;
  readonly dots: Address;
  /** Cells that the panel holds, which are often those of the next tile. */
  first: number;
  lanes: number;
  out: Address;
  /** Number of values that `out` can hold. */
  capacity: number;
}

/** Rooms of this thread by rows, kept for reuse, since memory is never released. */
const rooms = /* @__PURE__ */ new Map<string, Room>();

/** Attaches this thread to rows, with its own panel, dots and tile. */
export async function attachKernel(rows: KernelRows): Promise<PairKernel> {
  const url = new URL('./pairs.wasm', import.meta.url);
  const kernel = panelKernel((await instantiateKernel(url, rows.memory)) as Exports, rows);
  const memory = new KernelMemory(rows.memory);
  const room = rooms.get(rows.id) ?? {
    panel: memory.allocate(kernel.panelBytes),
    dots: memory.allocate(WIDEST * 8),
    first: 0,
    lanes: 0,
    out: 0,
    capacity: 0,
  };
  rooms.set(rows.id, room);
  return {
    tile({ rowStart, rowEnd, columnStart, columnEnd, upper }) {
      const stride = Math.ceil((columnEnd - columnStart) / kernel.width) * kernel.width;
      const size = (rowEnd - rowStart) * stride;
      if (size > room.capacity) {
        // Capacity doubles, so that outgrown buffers, which are not released, stay small in total.
        room.capacity = Math.max(size, 2 * room.capacity, 1 << 16);
        room.out = memory.allocate(room.capacity * 4);
      }
      for (let first = columnStart; first < columnEnd; first += kernel.width) {
        const lanes = Math.min(kernel.width, columnEnd - first);
        const end = upper ? Math.min(rowEnd, first + lanes - 1) : rowEnd;
        if (end <= rowStart) continue;
        const at = room.out + (first - columnStart) * 4;
        const scalars = [rows.s, rows.w, rows.s + first * 8, rows.w + first * 8];
        const tail = [FINISH[rows.finish], rows.c, ...scalars, at, stride * 4];
        if (room.first !== first || room.lanes !== lanes) {
          if (room.lanes > 0) kernel.clear?.(room.panel, room.first, room.lanes);
          kernel.load(room.panel, first, lanes);
          room.first = first;
          room.lanes = lanes;
        }
        kernel.run(room.panel, room.dots, {
          start: rowStart,
          end,
          out: at,
          strideBytes: stride * 4,
          tail,
        });
      }
      return { values: memory.float32(room.out, size), stride };
    },
  };
}
