#!/usr/bin/env node
/** The command `rankloom`. */
import module from 'node:module';
import { dirname } from 'node:path';

// Compiled code is kept between commands; everything below is imported after this. Threads learn of the cache from the
// environment, which names the folder above that of this version of Node.
module.enableCompileCache?.();
const compiled = module.getCompileCacheDir?.();
if (compiled !== undefined) process.env.NODE_COMPILE_CACHE ??= dirname(compiled);

const { resolveOwnImports } = await import('./resolve-own.ts');
resolveOwnImports(new URL('../../', import.meta.url).href);

const { start } = await import('./start.ts');
const { study } = await import('./rankloom-app.ts');
await start(study, process.argv.slice(2));
