/** What a config file imports from rankloom. */
import type { stages } from '../stages/index.ts';
import type { ConfigInput } from './config/schema.ts';

/** The config of the study: what may stand in `pipeline.config.*`. */
export type Config = ConfigInput<typeof stages>;

/** Gives a config its type, so that an editor knows its keys. Returns it as it is. */
export function defineConfig(config: Config): Config {
  return config;
}

/** For a file with an encoding of your own, named in the config by `kind: 'module'`. */
export {
  defineEncoding,
  type OwnCell,
  type OwnContext,
  type OwnEncoder,
  type OwnEncoding,
  z,
} from './encodings/own-encoding.ts';
