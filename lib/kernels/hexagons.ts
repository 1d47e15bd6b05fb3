/** Typed front end of the hexagon kernel (assembly/hexagons.ts): counts the points of tiles of pairs of values. */
import { type Address, instantiateKernel, KernelMemory, sharedMemory } from './memory.ts';
import type { KernelRows } from './pairs.ts';

/** Grid of the kernel: centre of hexagon (0, 0), hexagons per unit of both measures, and cells, with a margin of one. */
export interface HexCells {
  readonly x0: number;
  readonly y0: number;
  readonly perX: number;
  readonly perY: number;
  readonly columns: number;
  readonly rows: number;
}

type Exports = WebAssembly.Exports & {
  setGrid(
    ...grid: [x: number, y: number, perX: number, perY: number, columns: number, rows: number, at: Address]
  ): void;
  addTile(
    ...tile: [
      xs: Address,
      xStride: number,
      ys: Address,
      yStride: number,
      rowCodes: Address,
      codes: Address,
      rows: number,
      columns: number,
      skip: number,
      numbers: Address,
    ]
  ): void;
};

/** Counts of a cell: two classes, and points in neither; each has four counts, one per lane, which are summed at the end. */
const CLASSES = 3;
const LANES = 4;
/** Number of points that the kernel processes at once. */
const ABREAST = 8;
/** Constants that the kernel receives instead of literals. */
const NUMBERS = [1 / 2, 1 / 3, 3, 3 / 2, 1, 2 ** 19];

/** Values of one measure of a tile, in rows `stride` numbers apart. */
export interface HexValues {
  readonly values: Float32Array;
  readonly stride: number;
}

/** Tile of pairs of cells, with the codes of their labels; cells with code −1 are not counted. */
export interface HexTile {
  readonly x: HexValues;
  readonly y: HexValues;
  readonly rowCodes: Int32Array;
  readonly columnCodes: Int32Array;
  /** Offset of the first counted column: row i is counted from column max(0, skip + i) on. */
  readonly skip: number;
}

/** Block of memory that can grow. */
interface Block {
  at: Address;
  bytes: number;
}

/** Arrays of a kernel in a memory. */
interface Room {
  readonly counts: Address;
  readonly numbers: Address;
  readonly x: Block;
  readonly y: Block;
  readonly rowCodes: Block;
  readonly columnCodes: Block;
}

/** Rooms of this thread in the memories of pair kernels, kept for reuse, since memory is never released. */
const rooms = /* @__PURE__ */ new Map<string, Room>();

export class HexKernel {
  readonly #exports: Exports;
  readonly #memory: KernelMemory;
  readonly #cells: HexCells;
  readonly #room: Room;
  readonly #kernelRows: KernelRows | undefined;

  /** Opens a kernel. @param yRows rows in whose memory the values of y lie, if any, to read them in place */
  static async create(cells: HexCells, yRows?: KernelRows): Promise<HexKernel> {
    const url = new URL('./hexagons.wasm', import.meta.url);
    const memory = new KernelMemory(yRows?.memory ?? sharedMemory());
    const exports = (await instantiateKernel(url, memory.memory)) as Exports;
    const name = `${yRows?.id}:${cells.columns}:${cells.rows}`;
    const room = rooms.get(name) ?? layRoom(memory, countsOf(cells));
    if (yRows !== undefined) rooms.set(name, room);
    return new HexKernel(exports, memory, room, cells, yRows);
  }

  private constructor(
    exports: Exports,
    memory: KernelMemory,
    room: Room,
    cells: HexCells,
    kernelRows: KernelRows | undefined,
  ) {
    this.#exports = exports;
    this.#memory = memory;
    this.#room = room;
    this.#cells = cells;
    this.#kernelRows = kernelRows;
    const { x0, y0, perX, perY, columns, rows } = cells;
    exports.setGrid(x0, y0, perX, perY, columns, rows, room.counts);
    memory.uint32(room.counts, countsOf(cells)).fill(0);
  }

  /** Counts the points (x, y) of a tile. */
  addTile({ x, y, rowCodes, columnCodes, skip }: HexTile): void {
    const { numbers, rowCodes: ofRows, columnCodes: ofColumns } = this.#room;
    const [rows, columns] = [rowCodes.length, columnCodes.length];
    const stride = Math.ceil(columns / ABREAST) * ABREAST;
    this.#int32(ofRows, rows).set(rowCodes);
    const codes = this.#int32(ofColumns, stride);
    codes.set(columnCodes);
    codes.fill(-1, columns);
    const xs = this.#copy(this.#room.x, x, rows, columns, stride);
    const isThere = this.#kernelRows !== undefined && y.stride % ABREAST === 0;
    const ys = isThere ? y.values.byteOffset : this.#copy(this.#room.y, y, rows, columns, stride);
    const yStride = isThere ? y.stride : stride;
    const tile = [xs, stride * 4, ys, yStride * 4, ofRows.at, ofColumns.at, rows, columns] as const;
    this.#exports.addTile(...tile, skip, numbers);
  }

  /** Copies rows to a block, `stride` numbers apart; a tile with this stride is copied as a whole. */
  #copy(
    block: Block,
    { values, stride: from }: HexValues,
    rows: number,
    columns: number,
    stride: number,
  ): Address {
    this.#fit(block, rows * stride * 4);
    const copy = this.#memory.float32(block.at, rows * stride);
    if (from === stride) copy.set(values.subarray(0, rows * stride));
    else
      for (let row = 0; row < rows; row++)
        copy.set(values.subarray(row * from, row * from + columns), row * stride);
    return block.at;
  }

  #int32(block: Block, length: number): Int32Array {
    this.#fit(block, length * 4);
    return this.#memory.int32(block.at, length);
  }

  #fit(block: Block, bytes: number): void {
    if (bytes <= block.bytes) return;
    block.bytes = Math.max(bytes, 2 * block.bytes);
    block.at = this.#memory.allocate(block.bytes);
  }

  /**
   * Returns the counts of the cells with points, numbered row by row with the margin: points whose row and column have the
   * same code, and others. Resets all counts.
   */
  takeCounts(): { cell: number; same: number; other: number }[] {
    const { columns, rows } = this.#cells;
    const counts = this.#memory.uint32(this.#room.counts, countsOf(this.#cells));
    const sum = (at: number) => counts[at] + counts[at + 1] + counts[at + 2] + counts[at + 3];
    const found: { cell: number; same: number; other: number }[] = [];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        // Row 0 is r = −1. The kernel counts columns by q + r.
        const slanted = column + Math.ceil((row - 1) / 2);
        const at = (row * widthOf(this.#cells) + slanted) * CLASSES * LANES;
        const [same, other] = [sum(at), sum(at + LANES)];
        if (same + other > 0) found.push({ cell: row * columns + column, same, other });
      }
    }
    counts.fill(0);
    return found;
  }
}

/** Width of a row of counts in the kernel. */
const widthOf = ({ columns, rows }: HexCells): number => columns + Math.ceil(rows / 2);
const countsOf = (cells: HexCells): number => widthOf(cells) * cells.rows * CLASSES * LANES;

function layRoom(memory: KernelMemory, counts: number): Room {
  const numbers = memory.allocate(NUMBERS.length * 4);
  memory.float32(numbers, NUMBERS.length).set(NUMBERS);
  const block = (): Block => ({ at: 0, bytes: 0 });
  return {
    counts: memory.allocate(counts * 4),
    numbers,
    x: block(),
    y: block(),
    rowCodes: block(),
    columnCodes: block(),
  };
}
