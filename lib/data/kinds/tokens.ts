/**
 * Input of models that read tokens, one list per cell, as an Arrow file: `cell_id`, `tokens: List<Int32>`. The schema's
 * metadata has `kind`, `notes` (JSON) and, in the footer, `rows` and `total_tokens`.
 */
import type { Kind } from '../../flow/stage.ts';
import { createRagged, decodeNotes, encodeNotes, type ListColumn, openRagged } from './ragged.ts';
import type { TokensInput, TokensOutput, TokensWriter } from './types.ts';

/**
 * Kind of token lists, int32, one list per cell. Each call of `read` reads the whole file into memory, and throws a data
 * error if it is of another kind; `create` takes lists in the order of the cells.
 */
export function tokens(): Kind<'tokens', TokensInput, TokensOutput> {
  return {
    name: 'tokens',
    input: (path) => ({ kind: 'tokens', read: () => readTokens(path) }),
    output: (path) => ({ create: (notes) => createTokens(path, notes) }),
  };
}

const LISTS: readonly ListColumn[] = [{ name: 'tokens', type: 'Int32' }];

async function createTokens(
  path: string,
  notes: Readonly<Record<string, string>> = {},
): Promise<TokensWriter> {
  const metadata = { kind: 'tokens', notes: encodeNotes(notes) };
  const file = await createRagged(path, LISTS, { metadata, total: 'total_tokens' });
  return {
    async append(cellIds, lists) {
      if (cellIds.length !== lists.length) {
        throw new Error(`tokens: ${cellIds.length} cell ids and ${lists.length} lists`);
      }
      const offsets = new Float64Array(lists.length + 1);
      for (let i = 0; i < lists.length; i++) offsets[i + 1] = offsets[i] + lists[i].length;
      const values = new Int32Array(offsets[lists.length]);
      for (let i = 0; i < lists.length; i++) values.set(lists[i], offsets[i]);
      await file.append(cellIds, offsets, [values]);
    },
    close: () => file.close(),
  };
}

async function readTokens(path: string) {
  const file = await openRagged(path, LISTS, 'tokens');
  const cellIds: string[] = [];
  const lists: Int32Array[] = [];
  for await (const block of file.blocks()) {
    const values = block.values[0] as Int32Array;
    for (let i = 0; i < block.cellIds.length; i++) {
      cellIds.push(block.cellIds[i]);
      lists.push(values.subarray(block.offsets[i], block.offsets[i + 1]));
    }
  }
  return { cellIds, lists, notes: decodeNotes(file.metadata) };
}
