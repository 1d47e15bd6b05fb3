/**
 * HDF5 files through h5wasm, as far as reading needs: lists of objects, attributes, and stretches of datasets. h5wasm
 * reads the disk directly (Emscripten's NODERAWFS), so only the requested stretch comes into memory; its 32-bit heap
 * bounds a single stretch, not the file.
 *
 * A dataset is read as it is meant or refused: no values from other files, none that were never written, no numbers of a
 * layout that h5wasm takes for another, no text that is not UTF-8.
 */
import { resolve } from 'node:path';
import { dataError, type OperationalError } from '../../../errors.ts';
import { type CompoundValues, readCompoundField } from './compound.ts';
import { type DatasetInfo, describe, type Numbers } from './dataset-info.ts';
import { elementType } from './element-type.ts';
import { Examination, type Gaps } from './examination.ts';
import type { H5Metadata, H5Module, H5wasm } from './h5wasm.ts';
import { readAttributeTexts, readTexts } from './h5wasm-text.ts';
import { attempt } from './hdf5-errors.ts';
import { Links, type ObjectKind } from './links.ts';

export type { DatasetInfo, Numbers } from './dataset-info.ts';

/** Whole numbers as doubles and, if some are beyond 2⁵³, all as text as well. */
export interface WholeNumbers {
  readonly values: Float64Array;
  readonly texts?: string[];
}

const REFERENCE = 7;

const EXPECTED = {
  text: 'text, one for each row',
  numbers: 'float32 or float64, or integers of 8 to 64 bits',
  'a table': 'a table with a row for each cell or gene',
} as const;

export class Hdf5File {
  readonly path: string;
  readonly #h5wasm: H5wasm;
  readonly #module: H5Module;
  readonly #id: bigint;
  readonly #links: Links;
  readonly #info = new Map<string, DatasetInfo>();
  readonly #examination: Examination;
  #open = true;

  private constructor(path: string, h5wasm: H5wasm, module: H5Module, id: bigint) {
    this.path = path;
    this.#h5wasm = h5wasm;
    this.#module = module;
    this.#id = id;
    this.#links = new Links(module, id, path);
    this.#examination = new Examination(module, id, path);
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
    if (!this.#open) return;
    this.#open = false;
    this.#examination.close();
    try {
      this.#module.close_file(this.#id);
    } catch {
      // A damaged file may fail here too; all reading is done by now, and any refusal was reported.
    }
  }

  /**
   * Kind of the object at a path; undefined if there is none.
   *
   * @throws a data error for a link that leads out of the file or nowhere
   */
  kind(path: string): ObjectKind | undefined {
    return attempt(this.path, path, () => this.#links.kind(path));
  }

  /** Names in a group, in the file's order. Empty if there is no such group. */
  keys(path: string): string[] {
    if (this.kind(path) !== 'group') return [];
    return attempt(this.path, path, () => [...this.#module.get_names(this.#id, path, false)]);
  }

  /**
   * Value of an attribute: text, a number (64-bit integers as doubles), an array of these, or the path of the object that
   * it refers to. Undefined if it is absent; an empty array if it is there without a value.
   */
  attribute(path: string, name: string): unknown {
    if (this.kind(path) === undefined) return undefined;
    return attempt(this.path, `the attribute ${name} of ${path}`, () => {
      if (!this.#module.get_attribute_names(this.#id, path).includes(name)) return undefined;
      const metadata: H5Metadata = this.#module.get_attribute_metadata(this.#id, path, name);
      const { class: kind } = elementType(metadata);
      if (metadata.shape === null) return [];
      if (kind === 'string') {
        const texts = readAttributeTexts(this.#module, this.#id, path, name, metadata);
        return metadata.shape.length === 0 ? texts[0] : texts;
      }
      const value = new this.#h5wasm.Attribute(this.#id, path, name).value;
      if (metadata.type === REFERENCE) return this.#referenced(value);
      if (kind !== 'integer' && kind !== 'float' && kind !== 'boolean') return undefined;
      if (typeof value === 'bigint') return Number(value);
      if (value instanceof BigInt64Array || value instanceof BigUint64Array) return Array.from(value, Number);
      return ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value;
    });
  }

  /** Single value of an attribute, also where it was written as an array of one. */
  scalarAttribute(path: string, name: string): unknown {
    const value = this.attribute(path, name);
    return Array.isArray(value) && value.length === 1 ? value[0] : value;
  }

  /** Path of the object that a scalar attribute refers to. */
  #referenced(value: unknown): string | undefined {
    const bytes = (Array.isArray(value) ? value[0] : value) as { ref_data?: Uint8Array } | undefined;
    if (bytes?.ref_data === undefined) return undefined;
    return this.#module.get_referenced_name(this.#id, bytes.ref_data, true).replace(/^\/+/, '');
  }

  /** Describes a dataset, without reading its data. */
  dataset(path: string): DatasetInfo {
    let info = this.#info.get(path);
    if (info === undefined) {
      const kind = this.kind(path);
      if (kind !== 'dataset') {
        throw dataError(kind === undefined ? `${path} is missing` : `${path} is a ${kind}, not a dataset`, {
          where: this.path,
          hint: 'The file is incomplete: write it again with anndata.',
        });
      }
      info = attempt(this.path, path, () => {
        const metadata = this.#module.get_dataset_metadata(this.#id, path);
        return describe(path, metadata, this.#module.get_dataset_filters(this.#id, path));
      });
      this.#info.set(path, info);
    }
    return info;
  }

  /** Reads elements [from, to) of a dataset of numbers; for more dimensions, rows [from, to) in row-major order. */
  numbers(path: string, from?: number, to?: number, gaps?: Gaps): Numbers {
    const value = this.#read(path, from, to, gaps);
    if (value instanceof BigInt64Array) return doubles(value, true);
    if (value instanceof BigUint64Array) return doubles(value, false);
    return value;
  }

  /** Reads all elements of a dataset of integers, also those beyond 2⁵³. */
  integers(path: string): WholeNumbers {
    const value = this.#read(path);
    if (!(value instanceof BigInt64Array || value instanceof BigUint64Array)) {
      return { values: Float64Array.from(value) };
    }
    const values = doubles(value, value instanceof BigInt64Array);
    if (values.every((number) => Math.abs(number) <= Number.MAX_SAFE_INTEGER)) return { values };
    return { values, texts: Array.from(value as BigInt64Array, String) };
  }

  /** Reads all elements of a dataset of text with one dimension, or the one of a scalar. */
  strings(path: string): string[] {
    const info = this.dataset(path);
    if (info.class !== 'string' || info.shape.length > 1) throw this.#unfit(info, 'text');
    this.#examination.requireReadable(info);
    return attempt(this.path, path, () => {
      const metadata = this.#module.get_dataset_metadata(this.#id, path);
      return readTexts(this.#module, this.#id, path, metadata, 0, info.shape[0] ?? 1);
    });
  }

  /** Reads one field of a compound dataset (one-dimensional). */
  field(path: string, field: string): CompoundValues {
    const info = this.dataset(path);
    // The library reads as many offsets as there are dimensions, even past the end of their list.
    if (info.class !== 'compound' || info.shape.length !== 1) throw this.#unfit(info, 'a table');
    this.#examination.requireReadable(info);
    return attempt(this.path, `${path}, field ${field}`, () => {
      const metadata = this.#module.get_dataset_metadata(this.#id, path);
      const member = metadata.compound_type?.members.find((m) => m.name === field);
      if (member === undefined) throw dataError(`${path} has no field ${field}`, { where: this.path });
      const type = elementType(member);
      if (type.class === 'other' || type.class === 'compound') {
        throw dataError(
          `the field ${field} of ${path} holds ${type.dtype} values, which are not understood`,
          {
            where: this.path,
          },
        );
      }
      return readCompoundField(this.#module, this.#id, path, metadata, member);
    });
  }

  #read(
    path: string,
    from = 0,
    to = Number.POSITIVE_INFINITY,
    gaps?: Gaps,
  ): Numbers | BigInt64Array | BigUint64Array {
    const info = this.dataset(path);
    if (!['integer', 'float', 'boolean', 'enum'].includes(info.class)) throw this.#unfit(info, 'numbers');
    const length = info.shape[0] ?? 1;
    const end = Math.min(to, length);
    const unpacked = this.#examination.readChunks(info, from, end);
    if (unpacked !== undefined) return unpacked;
    this.#examination.requireReadable(info, from, end, gaps);
    if (from >= end || info.shape.includes(0)) return new Float64Array(0);
    const value = attempt(this.path, path, () => {
      const dataset = new this.#h5wasm.Dataset(this.#id, path);
      return info.shape.length === 0 ? dataset.value : dataset.slice([[from, end]]);
    });
    if (typeof value === 'number') return Float64Array.of(value);
    if (typeof value === 'bigint')
      return info.dtype.startsWith('u') ? BigUint64Array.of(value) : BigInt64Array.of(value);
    return value as Numbers;
  }

  #unfit(info: DatasetInfo, wanted: keyof typeof EXPECTED): OperationalError {
    const shape = info.shape.length > 1 ? ` of shape ${info.shape.join(' × ')}` : '';
    const isFloat = info.dtype.startsWith('float');
    return dataError(`${info.path} holds ${info.dtype} values${shape}, which cannot be read as ${wanted}`, {
      expected:
        wanted === 'text' ? 'text, one for each row' : 'float32 or float64, or integers of 8 to 64 bits',
      where: this.path,
      hint: isFloat ? 'Store them as float32: adata.X = adata.X.astype("float32")' : undefined,
    });
  }
}

/** Converts 64-bit integers to doubles, by their halves: no BigInt is made. */
function doubles(values: BigInt64Array | BigUint64Array, signed: boolean): Float64Array {
  const low = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const high = signed ? new Int32Array(values.buffer, values.byteOffset, values.length * 2) : low;
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = high[2 * i + 1] * 4294967296 + low[2 * i];
  return out;
}
