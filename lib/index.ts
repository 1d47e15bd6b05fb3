/** What a config file imports from rankloom. */
import type { stages } from '../stages/index.ts';
import type { ConfigInput } from './config/schema.ts';

/** The config of the study: what may stand in `pipeline.config.*`. */
export type Config = ConfigInput<typeof stages>;

/** Gives a config its type, so that an editor knows its keys. Returns it as it is. */
export function defineConfig(config: Config): Config {
  return config;
}
