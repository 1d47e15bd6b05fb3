/** Outputs of a stage that publish the gathered tables: each as NAME.parquet, unless the config has switched it off. */
import { parquet } from '../data/kinds/parquet.ts';
import { type OutputDeclaration, output } from '../flow/stage.ts';
import {
  type GatheredConfig,
  type GatheredName,
  gatheredTables,
  type PublishedSchema,
} from './gathered-tables.ts';

type GatheredOutputs = {
  [N in GatheredName]: OutputDeclaration<
    ReturnType<typeof parquet<PublishedSchema<(typeof gatheredTables)[N]>>>
  >;
};

export const gatheredOutputs = Object.fromEntries(
  Object.entries(gatheredTables).map(([name, { table, keys, instances }]) => {
    const columns = Object.fromEntries(keys.map((key) => [key, 'utf8' as const]));
    const publish = `${name}.parquet`;
    const optional = (config: GatheredConfig) => instances(config) === null;
    return [name, output(parquet({ ...columns, ...table }), { publish, optional })];
  }),
) as GatheredOutputs;
