/**
 * Links inside an HDF5 file. Names may stand for an object elsewhere: in the same file (soft links), which is followed,
 * or in another one (external links), which is refused, as results are kept by the content of one file.
 */
import { basename } from 'node:path';
import { dataError, type OperationalError } from '../../../errors.ts';
import type { H5Module } from './h5wasm.ts';

// Codes of H5G_obj_t.
const GROUP = 0;
const DATASET = 1;
const UNRESOLVED = 3;

/** Number of links in a row beyond which they form a circle. */
const MOST_LINKS = 16;

export type ObjectKind = 'group' | 'dataset' | 'other';

/** Resolver of the kind of object at a path of an open file; each component is looked up once. */
export class Links {
  readonly #module: H5Module;
  readonly #file: bigint;
  readonly #path: string;
  readonly #kinds = new Map<string, ObjectKind | undefined>();

  constructor(module: H5Module, file: bigint, path: string) {
    this.#module = module;
    this.#file = file;
    this.#path = path;
  }

  /**
   * Kind of the object at a path; undefined if there is none.
   *
   * @throws a data error for a link to another file or to nothing
   */
  kind(path: string, depth = 0): ObjectKind | undefined {
    const parts = path.split('/').filter((part) => part !== '' && part !== '.');
    let at = '';
    let kind: ObjectKind | undefined = 'group';
    for (const part of parts) {
      if (kind !== 'group') return undefined;
      const parent = at;
      at = parent === '' ? part : `${parent}/${part}`;
      if (!this.#kinds.has(at)) this.#kinds.set(at, this.#look(parent, at, depth));
      kind = this.#kinds.get(at);
    }
    return kind;
  }

  #look(parent: string, path: string, depth: number): ObjectKind | undefined {
    const type = this.#module.get_type(this.#file, path);
    if (type === -1) return undefined;
    const external = this.#module.get_external_link(this.#file, path);
    if (external.filename !== undefined) {
      throw refuseElsewhere(
        this.#path,
        `${path} is a link to ${external.obj_path} in another file, ${external.filename}`,
      );
    }
    const target: string | null = this.#module.get_symbolic_link(this.#file, path);
    if (target !== null) {
      const absolute = target.startsWith('/') ? target.slice(1) : `${parent}/${target}`;
      if (type === UNRESOLVED || depth === MOST_LINKS || this.kind(absolute, depth + 1) === undefined) {
        throw dataError(`${path} is a link to ${target}, which is not in the file`, {
          where: this.#path,
          hint: 'The file is incomplete: write it again with what the link means.',
        });
      }
    }
    return type === GROUP ? 'group' : type === DATASET ? 'dataset' : 'other';
  }
}

/** Error for values that the file only points to. */
export const refuseElsewhere = (file: string, message: string): OperationalError =>
  dataError(message, {
    expected: 'a file that holds all its values itself',
    where: file,
    hint: `Write it as one file:\n  python -c "import anndata; anndata.read_h5ad('${basename(file)}').write_h5ad('whole.h5ad')"`,
  });
