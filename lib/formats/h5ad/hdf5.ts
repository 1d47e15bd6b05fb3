/**
 * HDF5 files through h5wasm, as much of them as reading needs: what is there, attributes, and stretches of
 * datasets. h5wasm reads the disk directly (Emscripten's NODERAWFS), so only the stretch that is asked for comes
 * into memory; its 32-bit heap bounds a single stretch, not the file.
 */
import { resolve } from 'node:path';
import { dataError, RankloomError } from '../../errors.ts';
import { readCompoundField } from './compound.ts';
import { type Filter, requireReadableFilters } from './filters.ts';

// Only the types: the module itself is loaded when a file is opened.
type H5wasm = typeof import('h5wasm/node');
export type H5Module = Awaited<H5wasm['ready']>;
export type H5Metadata = ReturnType<H5Module['get_dataset_metadata']>;

/** Numbers as they lie in the file; 64-bit integers become doubles, exact up to 2⁵³. */
export type Numbers =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

export type ElementClass = 'integer' | 'float' | 'string' | 'boolean' | 'compound' | 'other';

export interface DatasetInfo {
  readonly path: string;
  readonly shape: readonly number[];
  /** Shape of a chunk, or null if the data lie in one piece. */
  readonly chunks: readonly number[] | null;
  readonly class: ElementClass;
  /** For messages: 'float32', 'int64', 'string', 'compound'. */
  readonly dtype: string;
  /** Bytes of one element. */
  readonly bytes: number;
  readonly filters: readonly Filter[];
  /** Names of the fields of a compound dataset. */
  readonly fields: readonly string[];
}

// Codes of H5G_obj_t and H5T_class_t.
const GROUP = 0;
const DATASET = 1;
const CLASSES: Readonly<Record<number, ElementClass>> = {
  0: 'integer',
  1: 'float',
  3: 'string',
  6: 'compound',
  8: 'boolean',
};

export class Hdf5File {
  readonly path: string;
  readonly #h5wasm: H5wasm;
  readonly #module: H5Module;
  readonly #id: bigint;
  readonly #info = new Map<string, DatasetInfo>();
  #open = true;

  private constructor(path: string, h5wasm: H5wasm, module: H5Module, id: bigint) {
    this.path = path;
    this.#h5wasm = h5wasm;
    this.#module = module;
    this.#id = id;
  }

  /** Opens a file for reading. It must have been recognised as HDF5 before (see recognise.ts). */
  static async open(path: string): Promise<Hdf5File> {
    const h5wasm = await import('h5wasm/node');
    const module = await h5wasm.ready;
    // Without this, failing reads return whatever lay in memory.
    module.activate_throwing_error_handler();
    const file = attempt(path, 'the file', () => new h5wasm.File(resolve(path), 'r'));
    return new Hdf5File(path, h5wasm, module, file.file_id);
  }

  close(): void {
    if (this.#open) this.#module.close_file(this.#id);
    this.#open = false;
  }

  kind(path: string): 'group' | 'dataset' | undefined {
    const type = attempt(this.path, path, () => this.#module.get_type(this.#id, path));
    return type === GROUP ? 'group' : type === DATASET ? 'dataset' : undefined;
  }

  /** Names in a group, in the file's order. Empty if there is no such group. */
  keys(path: string): string[] {
    if (this.kind(path) !== 'group') return [];
    return attempt(this.path, path, () => [...this.#module.get_names(this.#id, path, false)]);
  }

  /** An attribute's value, 64-bit integers as numbers; undefined if it is absent or empty. */
  attribute(path: string, name: string): unknown {
    return attempt(this.path, path, () => {
      if (!this.#module.get_attribute_names(this.#id, path).includes(name)) return undefined;
      const value = new this.#h5wasm.Attribute(this.#id, path, name).value;
      if (typeof value === 'bigint') return Number(value);
      if (value instanceof BigInt64Array || value instanceof BigUint64Array) return Array.from(value, Number);
      return value ?? undefined;
    });
  }

  /** What a dataset is, without reading its data. */
  dataset(path: string): DatasetInfo {
    let info = this.#info.get(path);
    if (info === undefined) {
      info = attempt(this.path, path, () => {
        const metadata = this.#module.get_dataset_metadata(this.#id, path);
        return describe(path, metadata, this.#module.get_dataset_filters(this.#id, path));
      });
      this.#info.set(path, info);
    }
    return info;
  }

  /** Elements [from, to) of a dataset of numbers; for more dimensions, rows [from, to) in row-major order. */
  numbers(path: string, from?: number, to?: number): Numbers {
    const value = this.#read(path, from, to);
    if (value instanceof BigInt64Array) return doubles(value, true);
    if (value instanceof BigUint64Array) return doubles(value, false);
    if (ArrayBuffer.isView(value)) return value as Numbers;
    if (typeof value === 'number') return Float64Array.of(value);
    if (typeof value === 'bigint') return Float64Array.of(Number(value));
    throw dataError(`${path} holds ${this.dataset(path).dtype} values, not numbers`, { where: this.path });
  }

  strings(path: string, from?: number, to?: number): string[] {
    const value = this.#read(path, from, to);
    if (typeof value === 'string') return [value];
    if (Array.isArray(value)) return value as string[];
    throw dataError(`${path} holds ${this.dataset(path).dtype} values, not text`, { where: this.path });
  }

  /** One field of a compound dataset (one-dimensional). */
  field(path: string, field: string): { class: ElementClass; values: string[] | Float64Array } {
    const info = this.dataset(path);
    requireReadableFilters(this.path, path, info.filters);
    return attempt(this.path, path, () => {
      const metadata = this.#module.get_dataset_metadata(this.#id, path);
      const member = metadata.compound_type?.members.find((m) => m.name === field);
      if (member === undefined) throw new Error(`no field ${field}`);
      const values = readCompoundField(this.#module, this.#id, path, metadata, member);
      return { class: CLASSES[member.type] ?? 'other', values };
    });
  }

  #read(path: string, from?: number, to?: number): unknown {
    const info = this.dataset(path);
    requireReadableFilters(this.path, path, info.filters);
    if (info.class === 'float' && info.bytes !== 4 && info.bytes !== 8) {
      throw dataError(`${path} holds ${info.dtype} values, which cannot be read`, {
        expected: 'float32 or float64, or integers',
        where: this.path,
      });
    }
    const length = info.shape[0] ?? 1;
    const start = from ?? 0;
    const end = Math.min(to ?? length, length);
    const isEmpty = start >= end || info.shape.includes(0);
    if (isEmpty) return info.class === 'string' ? [] : new Float64Array(0);
    return attempt(this.path, path, () => {
      const dataset = new this.#h5wasm.Dataset(this.#id, path);
      return info.shape.length === 0 ? dataset.value : dataset.slice([[start, end]]);
    });
  }
}

function describe(path: string, metadata: H5Metadata, filters: readonly Filter[]): DatasetInfo {
  const kind = CLASSES[metadata.type] ?? 'other';
  const bits = metadata.size * 8;
  const dtype =
    kind === 'integer'
      ? `${metadata.signed ? 'int' : 'uint'}${bits}`
      : kind === 'float'
        ? `float${bits}`
        : kind;
  return {
    path,
    shape: metadata.shape ?? [0],
    chunks: metadata.chunks,
    class: kind,
    dtype,
    bytes: metadata.size,
    filters: filters.map(({ id, name }) => ({ id, name })),
    fields: metadata.compound_type?.members.map((member) => member.name) ?? [],
  };
}

/** 64-bit integers as doubles, by their halves: no BigInt is made. */
function doubles(values: BigInt64Array | BigUint64Array, signed: boolean): Float64Array {
  const low = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const high = signed ? new Int32Array(values.buffer, values.byteOffset, values.length * 2) : low;
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = high[2 * i + 1] * 4294967296 + low[2 * i];
  return out;
}

/** Runs a call into the HDF5 library and turns what it throws into an error for people. */
function attempt<T>(file: string, what: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof RankloomError) throw error;
    throw explain(file, what, error);
  }
}

function explain(file: string, what: string, error: unknown): RankloomError {
  const text = error instanceof Error ? error.message : String(error);
  const truncated = /truncated file: eof = (\d+),.*stored_eof = (\d+)/.exec(text);
  if (truncated !== null) {
    return dataError(`the file is truncated: it has ${truncated[1]} of ${truncated[2]} bytes`, {
      where: file,
      hint: 'Copy or download it again.',
      cause: error,
    });
  }
  // The library prints its whole call stack; the innermost frame says what went wrong.
  const frames = [...text.matchAll(/#\d+: .* in \w+\(\): (.*)/g)];
  const reason = frames.at(-1)?.[1] ?? text.split('\n')[0];
  return dataError(`cannot read ${what}: ${reason}`, {
    where: file,
    hint: 'The file may be damaged or incomplete: copy or download it again, or check it with h5dump.',
    cause: error,
  });
}
