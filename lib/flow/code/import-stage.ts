/**
 * Imports the file of a stage. One of a user's may stand in any folder: its TypeScript is a module without a package.json
 * that says so, and names of packages mean what the host that loads it provides (`imports` of the stage).
 */
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isFramework } from './framework.ts';

/** Name → URL, of all stages that were imported in this thread. The names stay: a stage may import when it runs. */
const provided = new Map<string, string>();
let isHooked = false;

/** Imports the module of a stage by its URL. `imports`: what names of packages mean in it, and in what it imports. */
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

/** Whether a module is the user's: none of the framework and of no package. */
function isOwn(url: string | undefined): boolean {
  if (url === undefined || !url.startsWith('file:') || url.includes('/node_modules/')) return false;
  return !isFramework(fileURLToPath(url));
}
