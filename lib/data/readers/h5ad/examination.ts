/**
 * Examination of a dataset before any of its values is read, to find out whether it is readable as it is meant:
 * storage.ts and chunks.ts have the checks, and filters.ts the filters that may be unpacked.
 */
import { closeSync, openSync } from 'node:fs';
import { dataError, type OperationalError } from '../../../errors.ts';
import { ChunkCheck } from './chunks.ts';
import { arrayOf, type DatasetInfo, type Numbers } from './dataset-info.ts';
import { requireReadableFilters } from './filters.ts';
import type { H5Module } from './h5wasm.ts';
import { attempt } from './hdf5-errors.ts';
import { refuseElsewhere } from './links.ts';
import { type Addressing, readAddressing } from './object-header.ts';
import { examineStorage } from './storage.ts';

/** Whether chunks that were never written are refused, or zeros: a matrix of counts may leave them out. */
export type Gaps = 'refused' | 'zeros';

export class Examination {
  readonly #module: H5Module;
  readonly #id: bigint;
  readonly #path: string;
  readonly #checks = new Map<string, ChunkCheck | undefined>();
  /** Bytes of the file; undefined until they are needed, null if the file is of another form. */
  #bytes: { readonly file: number; readonly addressing: Addressing } | null | undefined;

  constructor(module: H5Module, id: bigint, path: string) {
    this.#module = module;
    this.#id = id;
    this.#path = path;
  }

  close(): void {
    if (this.#bytes) closeSync(this.#bytes.file);
  }

  /** Reads elements [from, to) of chunks in gzip, unpacked without the library; undefined if the library must read them. */
  readChunks(
    info: DatasetInfo,
    from: number,
    to: number,
  ): Numbers | BigInt64Array | BigUint64Array | undefined {
    if (info.shape.length !== 1 || from >= to || !(info.littleEndian || info.bytes === 1)) return undefined;
    const check = this.#checkOf(info);
    const bytes = check && attempt(this.#path, info.path, () => check.read(from, to));
    if (typeof bytes === 'string') throw this.#damaged(info, bytes);
    return bytes && new (arrayOf(info))(bytes.buffer as ArrayBuffer);
  }

  #checkOf(info: DatasetInfo, gaps: Gaps = 'refused'): ChunkCheck | undefined {
    if (!this.#checks.has(info.path)) this.#checks.set(info.path, this.#examine(info));
    const check = this.#checks.get(info.path);
    const found = gaps === 'refused' ? check?.gaps() : undefined;
    if (found !== undefined) throw this.#unwritten(info, found);
    return check;
  }

  #unwritten({ path }: DatasetInfo, text: string): OperationalError {
    return dataError(`${path} ${text}; HDF5 would read zeros in place of what is missing`, {
      expected: 'values for every element',
      where: this.#path,
      hint: 'The program that made the file probably stopped halfway: write it again.',
    });
  }

  #damaged({ path }: DatasetInfo, damage: string): OperationalError {
    return dataError(`${path} is damaged: ${damage}`, {
      where: this.#path,
      hint: 'Copy or download the file again, or write it again with anndata.',
    });
  }

  /** Refuses a dataset whose values [from, to) are not all in the file, or not in a form that can be read as meant. */
  requireReadable(info: DatasetInfo, from = 0, to = Number.POSITIVE_INFINITY, gaps?: Gaps): void {
    const check = this.#checkOf(info, gaps);
    const damage = check && attempt(this.#path, info.path, () => check.find(from, to));
    if (damage !== undefined) throw this.#damaged(info, damage);
  }

  #examine(info: DatasetInfo): ChunkCheck | undefined {
    const { path } = info;
    requireReadableFilters(this.#path, path, info.filters);
    const problem = attempt(this.#path, path, () => {
      const sources = this.#module.get_dataset_metadata(this.#id, path).virtual_sources;
      if (sources !== undefined) {
        const files = [...new Set(sources.map(({ file_name }) => file_name))].slice(0, 3).join(', ');
        return {
          kind: 'elsewhere',
          text: `is a virtual dataset: its values lie elsewhere (${files})`,
        } as const;
      }
      this.#bytes ??= openBytes(this.#path);
      if (this.#bytes === null) return undefined;
      const reference = this.#module.create_object_reference(this.#id, path);
      const address = Number(Buffer.from(reference).readBigUInt64LE(0));
      const filters = info.filters.map(({ id }) => id);
      return examineStorage(this.#bytes.file, this.#bytes.addressing, address, info.shape, filters);
    });
    if (problem === undefined || problem instanceof ChunkCheck) return problem;
    if (problem.kind === 'elsewhere') throw refuseElsewhere(this.#path, `${path} ${problem.text}`);
    if (problem.kind === 'unwritten') throw this.#unwritten(info, problem.text);
    throw dataError(`${path} holds numbers of an unusual kind: ${problem.text}`, {
      expected: 'IEEE 754 floating-point numbers or plain integers',
      where: this.#path,
      hint: 'Write the file again with anndata.',
    });
  }
}

function openBytes(path: string): { file: number; addressing: Addressing } | null {
  const file = openSync(path, 'r');
  const addressing = readAddressing(file);
  if (addressing !== undefined) return { file, addressing };
  closeSync(file);
  return null;
}
