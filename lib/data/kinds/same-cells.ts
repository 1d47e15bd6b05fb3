/** Checks that rows and sampled cells match: they are joined by cell id, so ids are compared before a row number is used. */
import { dataError } from '../../errors.ts';
import { hashCells } from './cells-hash.ts';
import type { EmbeddingInput, MatrixInput } from './types.ts';

/**
 * Fails unless rows are these cells in this order. A matrix has the hash of its cells, so its rows are not read.
 *
 * @param what the rows, for errors: "rows to compare"
 * @throws a data error with both ids and the first row where they differ
 */
export async function requireSameCells(
  input: MatrixInput | EmbeddingInput,
  expected: readonly string[],
  what = 'rows to compare',
): Promise<void> {
  if (input.kind === 'embedding') return requireSameIds((await input.read()).cellIds, expected, what);
  const reader = await input.open();
  try {
    if (reader.rows === expected.length && (await reader.cellsHash()) === hashCells(expected)) return;
    requireSameIds(await reader.cellIds(), expected, what);
    throw new Error(`Internal error: the hash of the cells of the ${what} is not the one of their ids`);
  } finally {
    await reader.close();
  }
}

/**
 * Checks ids in memory in the same way as `requireSameCells`.
 *
 * @param start for a block: the row of the first of `found`; absent if these are all rows
 */
export function requireSameIds(
  found: readonly string[],
  expected: readonly string[],
  what: string,
  start?: number,
): void {
  const first = start ?? 0;
  for (let i = 0; i < found.length && first + i < expected.length; i++) {
    if (found[i] === expected[first + i]) continue;
    throw refusal(
      `row ${first + i} of the ${what} is cell ${JSON.stringify(found[i])}, but cell ${first + i} of the sample is ${JSON.stringify(expected[first + i])}`,
    );
  }
  const isWhole = start === undefined;
  if (isWhole ? found.length === expected.length : first + found.length <= expected.length) return;
  throw refusal(
    `there are ${first + found.length} ${what}, but ${expected.length} cells in the sample; they agree up to the end of the shorter`,
  );
}

const refusal = (message: string) =>
  dataError(message, {
    expected: 'the cells of the sample, in their order',
    hint: 'Rows are joined to cells by their ids: a stage must write them in the order of the sample.',
  });
