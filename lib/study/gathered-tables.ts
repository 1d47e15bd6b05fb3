/**
 * The registry of the tables that `summarize` gathers: each is written by every instance of a stage, and published as one
 * table with the names of the instances in its first columns. To have one more gathered is one line here, with its
 * schema in data/results/tables.ts and its columns in docs/outputs.md.
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

/** What of the config says which instances there are. */
export type GatheredConfig = Pick<
  StudyConfig,
  'encodings' | 'measures' | 'joint' | 'purity' | 'diagnostics' | 'perturb'
>;

/** An instance of the stage, and what stands before its rows: one text for each column of `keys`. */
export interface GatheredInstance {
  readonly instance: string;
  readonly keys: readonly string[];
}

export interface GatheredTable<K extends string = string, S extends Schema = Schema> {
  readonly stage: string;
  /** The stage's output. */
  readonly output: string;
  readonly table: S;
  /** Names of the columns that come before those of the table. */
  readonly keys: readonly K[];
  /** In the order in which they are stacked; null if the config has switched the stage off: then nothing is published. */
  instances(config: GatheredConfig): readonly GatheredInstance[] | null;
}

/** The columns of the published table. */
export type PublishedSchema<T> =
  T extends GatheredTable<infer K, infer S> ? { readonly [N in K]: 'utf8' } & S : never;

/** Names of columns, and the instances that they are of. */
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

/** As `all`, but switched off where the config says null. */
const unlessOff = <K extends string>(
  section: 'diagnostics' | 'perturb',
  all: Instances<K>,
): Instances<K> => ({
  ...all,
  instances: (config) => (config[section] === null ? null : all.instances(config)),
});
/** As `all`, but of no instance where there is no purity to be counted: the table is published without rows. */
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

/** Name of the published table, without `.parquet` → where its rows come from. */
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
