/** What a report is made of: the result tables and what the config calls things. */
import type { DatasetTold } from '../../cells/dataset-told.ts';
import type { Columns, Embedding } from '../../data/kinds/types.ts';
import type {
  agreementTable,
  cellTypesTable,
  cutoffsTable,
  Distribution,
  diagnosticsTable,
  encodingsTable,
  jointTable,
  neighborPurityTable,
  perturbationsTable,
  separationTable,
  sparsityTable,
  typePairsTable,
} from '../../data/results/tables.ts';
import type { MeasureInfo } from '../measure-info.ts';

export type EmbeddingInfo = {
  name: string;
  method: string;
  from: string | null;
  /** Imported from a file without cell ids, whose rows were taken in order. */
  inOrder?: boolean;
  /** Dimensions of the embedding for which one of two is drawn. */
  companionOf?: number;
};

/** One line of the settings, as "section", "name", "value". */
export type Setting = { section: string; name: string; value: string };

export interface ReportData {
  readonly title: string;
  /** A sentence or two about the data, by whoever runs the study. */
  readonly description: string | null;
  /** Simulated data are called so at the top of the page. */
  readonly simulated: boolean;
  readonly measures: readonly MeasureInfo[];
  /** Pairs of measures with a joint distribution, x then y. */
  readonly jointPairs: readonly (readonly [string, string])[];
  readonly settings: readonly Setting[];

  readonly typePairs: Columns<typeof typePairsTable>;
  readonly separation: Columns<typeof separationTable>;
  readonly cutoffs: Columns<typeof cutoffsTable>;
  readonly neighborPurity: Columns<typeof neighborPurityTable>;
  /** Absent, or without rows, if no encoding was held against a reference. */
  readonly encodings?: Columns<typeof encodingsTable>;
  /** Absent if diagnostics are switched off. */
  readonly diagnostics?: Columns<typeof diagnosticsTable>;
  /** Absent if no cells were disturbed. */
  readonly perturbations?: Columns<typeof perturbationsTable>;
  readonly joint: Columns<typeof jointTable>;
  readonly agreement: Columns<typeof agreementTable>;
  readonly sparsity: Columns<typeof sparsityTable>;
  readonly cellTypes: Columns<typeof cellTypesTable>;
  /** What was taken for what, and which cells were left out; absent if the study does not tell. */
  readonly told?: DatasetTold;
  /** In the order of `measures`. */
  readonly distributions: readonly Distribution[];
  readonly embeddings: readonly { readonly info: EmbeddingInfo; readonly embedding: Embedding }[];
  /** Of the sampled cells. */
  readonly sample: {
    readonly totalCounts: Float64Array;
    readonly genes: Int32Array;
    readonly sparsity: Float64Array;
  };
  /** Genes that were kept, and how many of them are highly variable. */
  readonly genes: { readonly kept: number; readonly variable: number };
}
