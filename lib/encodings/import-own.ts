/** Import of a user's file with an encoding, which may stand in any folder. */
import { configError, toErrorInfo } from '../errors.ts';
import { importCode } from '../flow/code/import-code.ts';
import type { OwnEncoding } from './own-encoding.ts';
import { OWN_NAMES } from './own-names.ts';

const EXPORT =
  "export default defineEncoding({ value: '…', prepare: () => ({ encode: (cell) => numbers }) })";

/**
 * Imports an encoding of the user's own. Throws config errors: code that fails as it is imported, no default export, an
 * export that is no encoding.
 */
export async function importOwnEncoding(path: string): Promise<OwnEncoding> {
  let loaded: { default?: unknown };
  try {
    loaded = await importCode(path, OWN_NAMES);
  } catch (cause) {
    const { message } = toErrorInfo(cause);
    throw configError(`cannot import the encoding: ${message}`, { where: path, cause });
  }
  const own = loaded.default as Partial<OwnEncoding> | undefined;
  if (own === undefined) {
    throw configError('the file of the encoding has no default export', { expected: EXPORT, where: path });
  }
  const { value, params, prepare } = own ?? {};
  const hasParams = params === undefined || typeof params?.safeParse === 'function';
  if (typeof value !== 'string' || typeof prepare !== 'function' || !hasParams) {
    const wrong =
      typeof value !== 'string'
        ? 'value, a text'
        : hasParams
          ? 'prepare, a function'
          : 'params, a zod schema';
    throw configError(`the default export is not an encoding: it lacks ${wrong}`, {
      expected: EXPORT,
      where: path,
    });
  }
  return own as OwnEncoding;
}
