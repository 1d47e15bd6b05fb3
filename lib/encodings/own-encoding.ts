/**
 * Interface of a user's own encoding: the default export of a file of theirs, made with `defineEncoding` from 'rankloom'.
 * That name means this file when such a file is imported, so this file holds all that an encoding may need.
 */
import { z } from 'zod';
import type { RandomSource } from '../flow/random.ts';

export { z };

/** Cell as its encoding sees it: the genes that the encoding may use and that the cell has. */
export interface OwnCell {
  readonly id: string;
  /** Total counts over all genes of the source. */
  readonly total: number;
  /** Columns of the detected genes, ascending. */
  readonly genes: Int32Array;
  /** Counts of these genes, all above 0. */
  readonly counts: Float32Array;
}

export interface OwnContext<P> {
  /** Params of the config, checked against the encoding's `params`. */
  readonly params: P;
  readonly genes: {
    readonly ids: readonly string[];
    readonly names: readonly (string | null)[];
    /** 1 for a column that the encoding may use, else 0. */
    readonly used: Uint8Array;
  };
  /** Total counts of each cell over all genes of the source. */
  readonly totals: Float64Array;
  /** Paths of the `files` in the config. */
  readonly files: Readonly<Record<string, string>>;
  /** Seeded streams, if the config says `random: true`. */
  readonly random: RandomSource;
}

export interface OwnEncoder {
  /** Length of a cell's vector, if it becomes one; absent if each detected gene gets a number. */
  readonly columns?: number;
  /** Encodes a cell: one number for each of `cell.counts`, or `columns` numbers. */
  encode(cell: OwnCell): ArrayLike<number>;
}

export interface OwnEncoding<S extends z.ZodType = z.ZodType> {
  /** Meaning of a number, for the metadata of the matrix. */
  readonly value: string;
  /** Schema of the `params` in the config; without it there are none. */
  readonly params?: S;
  prepare(context: OwnContext<z.output<S>>): OwnEncoder | Promise<OwnEncoder>;
}

/** Gives an encoding its types. Returns it unchanged. */
function defineOwnEncoding<S extends z.ZodType = z.ZodType<Record<string, never>>>(
  encoding: OwnEncoding<S>,
): OwnEncoding<S> {
  return encoding;
}

export { defineOwnEncoding as defineEncoding };
