#!/usr/bin/env node
/** The command `rankloom`. */
import module from 'node:module';

// Compiled code is kept between commands; everything below is imported after this.
module.enableCompileCache?.();

const { start } = await import('./start.ts');
const { study } = await import('./study.ts');
await start(study, process.argv.slice(2));
