/** Imports a user's file with an encoding, which may stand in any folder. */
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { configError, toErrorInfo } from '../errors.ts';
import { OWN_API, type OwnEncoding } from './own-encoding.ts';

const EXPORT =
  "export default defineEncoding({ value: '…', prepare: () => ({ encode: (cell) => numbers }) })";

/** Throws config errors: code that fails as it is imported, no default export, something else than an encoding. */
export async function importOwnEncoding(path: string): Promise<OwnEncoding> {
  let loaded: { default?: unknown };
  const hooks = registerHooks({
    // The user's folder need not have rankloom or a package.json in it.
    resolve: (specifier, context, next) =>
      specifier === 'rankloom' ? { url: OWN_API, shortCircuit: true } : next(specifier, context),
    load: (url, context, next) =>
      /^file:.*\.m?ts$/.test(url) && !url.includes('/node_modules/')
        ? next(url, { ...context, format: 'module-typescript' })
        : next(url, context),
  });
  try {
    loaded = await import(pathToFileURL(path).href);
  } catch (cause) {
    const { message } = toErrorInfo(cause);
    throw configError(`cannot import the encoding: ${message}`, { where: path, cause });
  } finally {
    hooks.deregister();
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
