/**
 * Registry of the tables that `summarize` gathers: every instance of a stage writes one, and all are published as one
 * table with the names of the instances in its first columns. Another table takes one line here, a schema in
 * data/results/tables.ts and a list of its columns in docs/outputs.md.
 */
import type { Schema } from '../data/kinds/types.ts';
import {
  encodingDiagnosticsTable,
  encodingPerturbationsTable,
  measureCutoffsTable,
  measurePairsTable,
  measurePurityTable,
  measureSeparationTable,
  pairAgreementTable,
  pairHistogramTable,
} from '../data/results/tables.ts';
import type { StudyConfig } from './config.ts';
import { jointPairs } from './joint-pairs.ts';

/** Keys of the config that determine which instances there are. */
export type GatheredConfig = Pick<
  StudyConfig,
  'encodings' | 'measures' | 'joint' | 'purity' | 'diagnostics' | 'perturb'
>;

/** Instance of the stage, with the values that precede its rows: one text for each column of `keys`. */
export interface GatheredInstance {
  readonly instance: string;
  readonly keys: readonly string[];
}

export interface GatheredTable<K extends string = string, S extends Schema = Schema> {
  readonly stage: string;
  /** Name of the stage's output. */
  readonly output: string;
  readonly table: S;
  /** Names of the columns that come before those of the table. */
  readonly keys: readonly K[];
  /**
   * Instances in the order in which they are stacked; null if the config has switched the stage off: nothing is published
   * then.
   */
  instances(config: GatheredConfig): readonly GatheredInstance[] | null;
}

/** The columns of the published table. */
export type PublishedSchema<T> =
  T extends GatheredTable<infer K, infer S> ? { readonly [N in K]: 'utf8' } & S : never;

/** Names of the key columns, and the instances that these columns name. */
type Instances<K extends string> = Pick<GatheredTable<K>, 'keys' | 'instances'>;

const named = (by: object): GatheredInstance[] =>
  Object.keys(by).map((name) => ({ instance: name, keys: [name] }));

const ofMeasures: Instances<'measure'> = {
  keys: ['measure'],
  instances: ({ measures }) => named(measures),
};
const ofPairs: Instances<'x_measure' | 'y_measure'> = {
  keys: ['x_measure', 'y_measure'],
  instances: (config) => jointPairs(config).map(({ instance, x, y }) => ({ instance, keys: [x, y] })),
};
const ofEncodings: Instances<'encoding'> = {
  keys: ['encoding'],
  instances: ({ encodings }) => named(encodings),
};

/** Instances of `all`, or null (switched off) where the config sets the section to null. */
const unlessOff = <K extends string>(
  section: 'diagnostics' | 'perturb',
  all: Instances<K>,
): Instances<K> => ({
  ...all,
  instances: (config) => (config[section] === null ? null : all.instances(config)),
});
/** Instances of `all`, or none if the config counts no purity: the table is then published without rows. */
const ifPurity = <K extends string>(all: Instances<K>): Instances<K> => ({
  ...all,
  instances: (config) => (config.purity.k.length === 0 ? [] : all.instances(config)),
});

const gather = <const K extends string, const S extends Schema>(
  stage: string,
  output: string,
  table: S,
  of: Instances<K>,
): GatheredTable<K, S> => ({ stage, output, table, ...of });

/** Name of each published table, without `.parquet` → source of its rows. */
export const gatheredTables = {
  type_pairs: gather('similarity', 'pairs', measurePairsTable, ofMeasures),
  separation: gather('similarity', 'separation', measureSeparationTable, ofMeasures),
  cutoffs: gather('similarity', 'cutoffs', measureCutoffsTable, ofMeasures),
  neighbor_purity: gather('purity', 'purity', measurePurityTable, ifPurity(ofMeasures)),
  joint: gather('joint', 'histogram', pairHistogramTable, ofPairs),
  agreement: gather('joint', 'agreement', pairAgreementTable, ofPairs),
  diagnostics: gather(
    'diagnose',
    'diagnostics',
    encodingDiagnosticsTable,
    unlessOff('diagnostics', ofEncodings),
  ),
  perturbations: gather(
    'perturb',
    'perturbations',
    encodingPerturbationsTable,
    unlessOff('perturb', ofEncodings),
  ),
} as const;

export type GatheredName = keyof typeof gatheredTables;
