/** Loading and validation of the config: finds the file, and reports every problem with its place. */
export { type ConfigFile, findConfigFile, loadConfigFile, SEARCH_PLACES } from './load.ts';
export { provideModule } from './modules.ts';
export { formatPath, type Path, valueAt } from './path.ts';
export type { Origin, Provenance } from './provenance.ts';
export { InvalidConfigError, type PlacedProblem, renderPlace, renderProblem } from './report.ts';
export { type ConfigOptions, checkConfig, type ResolvedConfig, resolveConfig } from './resolve.ts';
export { type ConfigInput, type ConfigOutput, composeSchema } from './schema.ts';
