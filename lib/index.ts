/** Public API for config files. */
import type { z } from 'zod';
import type { stages } from '../stages/index.ts';
import type { ConfigInput, ConfigOutput } from './config/schema.ts';
import type { ConfigShape } from './flow/graph/compose-config.ts';
import type { Stage } from './flow/stage.ts';
import { stagesFor } from './flow/stages-for.ts';

/** Config of a study, as written in `pipeline.config.*`. */
export type Config = ConfigInput<typeof stages>;

/** Module whose default export is a stage. */
type StageModule = { readonly default: Stage };

/** Config keys of the user's own stages, from the types of their modules. */
type ConfigOf<M extends StageModule> =
  ConfigShape<readonly M['default'][]> extends infer Shape extends z.ZodRawShape
    ? z.input<z.ZodObject<Shape>>
    : unknown;

/**
 * Returns a config unchanged, but typed, so that an editor knows its keys. Own stages add their keys by the types of their
 * modules: `defineConfig<typeof import('./stages/mine.ts')>({ … })`, or a union of several.
 */
export function defineConfig<M extends StageModule = never>(
  config: Config & ConfigOf<M>,
): Config & ConfigOf<M> {
  return config;
}

/** API for files with the user's own encodings, named in the config by `kind: 'module'`. */
export {
  defineEncoding,
  type OwnCell,
  type OwnContext,
  type OwnEncoder,
  type OwnEncoding,
} from './encodings/own-encoding.ts';

/**
 * Declares a stage in a user's own file, named in the config by `stages`. Like the framework's `defineStage`, but the config
 * has the keys of the study and those that the stage owns.
 */
export const defineStage = /* @__PURE__ */ stagesFor<ConfigOutput<typeof stages>>();
export * from './study/own-stage.ts';
