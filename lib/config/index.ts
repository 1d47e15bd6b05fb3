/** Loading and validation of the config: finds the file, and reports every problem with its place. */
export { findConfigFile, loadConfigFile } from './load.ts';
export { provideModule } from './modules.ts';
export { formatPath, type Path } from './path.ts';
export type { Origin } from './provenance.ts';
export { InvalidConfigError, renderPlace } from './report.ts';
export { checkConfig, type ResolvedConfig, resolveConfig } from './resolve.ts';
export { type ConfigInput, type ConfigOutput, composeSchema } from './schema.ts';
