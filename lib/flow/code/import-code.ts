/**
 * Imports files at computed paths; the only code of a stage that may. The files are those that the stage names by `code`,
 * so that they are part of its identity. Inside an action, any other file is refused.
 */
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

/** Code files of the instance that runs in this thread; undefined outside an action. */
let declared: ReadonlySet<string> | undefined;

/** Sets the files that the action about to start may import. */
export function declareCode(files: readonly string[]): void {
  declared = new Set(files);
}

/**
 * Imports a user's file from any folder: TypeScript is an ES module even without a package.json that declares it, and
 * `names` (see `names` of a stage) overrides the resolution of package names: name → URL. Throws a TypeError for a file
 * that the running action does not declare.
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
