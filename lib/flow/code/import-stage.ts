/**
 * Imports the file of a stage. A user's file may be in any folder: its TypeScript is an ES module even without a
 * package.json that declares it, and its host provides the resolution of package names (`imports` of the stage).
 */
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isFramework } from './framework.ts';

/** Package name → URL for all stages imported in this thread. Entries stay, because a stage may import while it runs. */
const provided = new Map<string, string>();
let isHooked = false;

/** Imports the module of a stage by URL. `imports` overrides the resolution of package names in it and in its imports. */
export async function importStage(
  module: string,
  imports: Readonly<Record<string, string>> | undefined,
): Promise<Record<string, unknown>> {
  for (const [name, url] of Object.entries(imports ?? {})) provided.set(name, url);
  if (provided.size > 0 && !isHooked) hook();
  return await import(module);
}

function hook(): void {
  isHooked = true;
  registerHooks({
    resolve(specifier, context, next) {
      const url = isOwn(context.parentURL) ? provided.get(specifier) : undefined;
      return url === undefined ? next(specifier, context) : { url, shortCircuit: true };
    },
    load: (url, context, next) =>
      /^file:[^?#]*\.m?ts$/.test(url) && isOwn(url)
        ? next(url, { ...context, format: 'module-typescript' })
        : next(url, context),
  });
}

/** Whether a module belongs to the user: neither to the framework nor to a package. */
function isOwn(url: string | undefined): boolean {
  if (url === undefined || !url.startsWith('file:') || url.includes('/node_modules/')) return false;
  return !isFramework(fileURLToPath(url));
}
