/** Search for nearest neighbours: the main entry of this folder. */

import { usageError } from '../errors.ts';
import { nearest as hintOf } from '../flow/text/suggest.ts';
import type { Nearest, NearestMethod, RowFacts, SearchContext, SearchedRows } from './method.ts';
import { METHODS } from './methods.ts';

export interface NearestOptions extends SearchContext {
  /** Name of a method; 'auto' (the default) selects the fastest. */
  readonly method?: string;
  /**
   * Number of rows above which 'auto' finds approximate neighbours, unless an exact method is fast for any number of rows;
   * null: never.
   */
  readonly exactUpTo?: number | null;
  readonly methods?: readonly NearestMethod[];
}

/**
 * Finds the k nearest rows of each row, the row itself counted and first. The distance of a correlation or cosine is 1
 * minus it. Rows for which the metric is not defined are at distance 0 from each other and 1 from all others. All exact
 * methods agree to the last bit, for any number of threads. Throws a usage error for an unknown method.
 *
 * @param k number of neighbours; more than all rows means all rows
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

/** Returns the method that 'auto' takes: an exact one unless there are more than `exactUpTo` rows and none of them scales. */
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

/** Returns the method with a name. Throws a usage error if there is none. */
export function methodNamed(name: string, methods: readonly NearestMethod[] = METHODS): NearestMethod {
  const found = methods.find((method) => method.name === name);
  if (found !== undefined) return found;
  const known = methods.map((method) => method.name);
  throw usageError(`no method of finding neighbours is called "${name}"`, {
    expected: `one of ${known.join(', ')}`,
    hint: hintOf(name, known),
  });
}
