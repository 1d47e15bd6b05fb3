/**
 * The one place of the framework that imports what is computed: files that a stage names by `code`, so that they are
 * part of its identity. In an action, anything else is refused.
 */
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

/** Files with code of the instance that runs in this thread; undefined where no action runs. */
let declared: ReadonlySet<string> | undefined;

/** Says what the action that begins may import. */
export function declareCode(files: readonly string[]): void {
  declared = new Set(files);
}

/**
 * Imports a file of the user's, which may stand in any folder: TypeScript is a module without a package.json that
 * says so, and names of packages mean what `names` says (as `names` of the stage): name → URL.
 */
export async function importCode(
  path: string,
  names: Readonly<Record<string, string>>,
): Promise<Record<string, unknown>> {
  if (declared !== undefined && !declared.has(path)) {
    throw new TypeError(`${path} is imported, but \`code\` of the stage does not name it`);
  }
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      Object.hasOwn(names, specifier)
        ? { url: names[specifier], shortCircuit: true }
        : next(specifier, context),
    load: (url, context, next) =>
      /^file:.*\.m?ts$/.test(url) && !url.includes('/node_modules/')
        ? next(url, { ...context, format: 'module-typescript' })
        : next(url, context),
  });
  try {
    return await import(pathToFileURL(path).href);
  } finally {
    hooks.deregister();
  }
}
