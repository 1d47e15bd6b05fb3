/** What a config file imports from rankloom. */
import type { z } from 'zod';
import type { stages } from '../stages/index.ts';
import type { ConfigInput, ConfigOutput } from './config/schema.ts';
import type { ConfigShape } from './flow/graph/compose-config.ts';
import type { Stage } from './flow/stage.ts';
import { stagesFor } from './flow/stages-for.ts';

/** The config of the study: what may stand in `pipeline.config.*`. */
export type Config = ConfigInput<typeof stages>;

/** A module whose default export is a stage. */
type StageModule = { readonly default: Stage };

/** The config keys of stages of the user's own, from the types of their modules. */
type ConfigOf<M extends StageModule> =
  ConfigShape<readonly M['default'][]> extends infer Shape extends z.ZodRawShape
    ? z.input<z.ZodObject<Shape>>
    : unknown;

/**
 * Gives a config its type, so that an editor knows its keys. Returns it as it is. With stages of your own, their modules
 * tell their keys: `defineConfig<typeof import('./stages/mine.ts')>({ … })`, or a union of several.
 */
export function defineConfig<M extends StageModule = never>(
  config: Config & ConfigOf<M>,
): Config & ConfigOf<M> {
  return config;
}

/** For a file with an encoding of your own, named in the config by `kind: 'module'`. */
export {
  defineEncoding,
  type OwnCell,
  type OwnContext,
  type OwnEncoder,
  type OwnEncoding,
} from './encodings/own-encoding.ts';

/**
 * For a file with a stage of your own, named in the config by `stages`: as `defineStage` of the framework, with a config that
 * has the keys of the study and those that the stage owns.
 */
export const defineStage = /* @__PURE__ */ stagesFor<ConfigOutput<typeof stages>>();
export * from './study/own-stage.ts';
