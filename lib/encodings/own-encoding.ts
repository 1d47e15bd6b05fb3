/**
 * What a user's own encoding is: the default export of a file of theirs, made with `defineEncoding` from 'rankloom'.
 * That name means this file when such a file is imported, so it holds all that one may need.
 */
import { z } from 'zod';
import type { RandomSource } from '../flow/random.ts';

export { z };

/** A cell as its own encoding sees it: the genes that the encoding may use and that the cell has. */
export interface OwnCell {
  readonly id: string;
  /** Counts over all genes of the source. */
  readonly total: number;
  /** Columns of the detected genes, ascending. */
  readonly genes: Int32Array;
  /** Their counts, all above 0. */
  readonly counts: Float32Array;
}

export interface OwnContext<P> {
  /** As in the config, checked against the encoding's `params`. */
  readonly params: P;
  readonly genes: {
    readonly ids: readonly string[];
    readonly names: readonly (string | null)[];
    /** 1 for a column that the encoding may use, else 0. */
    readonly used: Uint8Array;
  };
  /** Counts of each cell over all genes of the source. */
  readonly totals: Float64Array;
  /** Paths of the `files` in the config. */
  readonly files: Readonly<Record<string, string>>;
  /** Seeded streams, if the config says `random: true`. */
  readonly random: RandomSource;
}

export interface OwnEncoder {
  /** Numbers of a cell, if it becomes a vector; absent if each detected gene gets a number. */
  readonly columns?: number;
  /** One number for each of `cell.counts`, or `columns` numbers. */
  encode(cell: OwnCell): ArrayLike<number>;
}

export interface OwnEncoding<S extends z.ZodType = z.ZodType> {
  /** What a number means, for the metadata of the matrix. */
  readonly value: string;
  /** Of the `params` in the config; without it there are none. */
  readonly params?: S;
  prepare(context: OwnContext<z.output<S>>): OwnEncoder | Promise<OwnEncoder>;
}

/** Gives an encoding its types. Returns it as it is. */
function defineOwnEncoding<S extends z.ZodType = z.ZodType<Record<string, never>>>(
  encoding: OwnEncoding<S>,
): OwnEncoding<S> {
  return encoding;
}

export { defineOwnEncoding as defineEncoding };
