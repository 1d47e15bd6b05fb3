/** Nearest neighbours: the front door of this room. */

import { usageError } from '../errors.ts';
import { nearest as hintOf } from '../flow/text/suggest.ts';
import type { Nearest, NearestMethod, RowFacts, SearchContext, SearchedRows } from './method.ts';
import { METHODS } from './methods.ts';

export interface NearestOptions extends SearchContext {
  /** Name of a method; 'auto' (the default) takes the fastest. */
  readonly method?: string;
  /** With 'auto', of more rows than this the neighbours are approximate, unless a method is fast for any number; null: never. */
  readonly exactUpTo?: number | null;
  readonly methods?: readonly NearestMethod[];
}

/**
 * Finds the k nearest rows of each row, itself counted and first. The distance of a correlation or cosine is 1 minus it. Rows
 * that the metric is not defined for are at distance 0 from each other and 1 from all others. All exact methods find the
 * same to the last bit, for any number of threads. Errors: an unknown method.
 *
 * @param k more than there are rows is all of them
 */
export async function nearest(
  rows: SearchedRows,
  k: number,
  { method = 'auto', exactUpTo = null, methods = METHODS, ...context }: NearestOptions,
): Promise<Nearest> {
  const chosen =
    method === 'auto'
      ? chooseMethod(await rows.facts(), k, { exactUpTo, methods })
      : methodNamed(method, methods);
  return chosen.search(rows, k, context);
}

/** The method that 'auto' takes. Whether neighbours are exact follows from the number of rows and `exactUpTo` alone. */
export function chooseMethod(
  rows: RowFacts,
  k: number,
  { exactUpTo, methods = METHODS }: { exactUpTo: number | null; methods?: readonly NearestMethod[] },
): NearestMethod {
  const exact = methods.filter(({ isExact }) => isExact);
  const isMany = exactUpTo !== null && rows.rows > exactUpTo;
  const isApproximate = isMany && !exact.some((method) => method.scales(rows));
  const kind = isApproximate ? methods.filter((method) => !method.isExact) : exact;
  const chosen = kind.find((method) => method.pays(rows, k));
  if (chosen === undefined) throw new Error(`Internal error: no method finds neighbours by ${rows.metric}`);
  return chosen;
}

/** Errors: no method has this name. */
export function methodNamed(name: string, methods: readonly NearestMethod[] = METHODS): NearestMethod {
  const found = methods.find((method) => method.name === name);
  if (found !== undefined) return found;
  const known = methods.map((method) => method.name);
  throw usageError(`no method of finding neighbours is called "${name}"`, {
    expected: `one of ${known.join(', ')}`,
    hint: hintOf(name, known),
  });
}
