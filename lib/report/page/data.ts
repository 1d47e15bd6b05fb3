/** Data of a report: the result tables, and names from the config. */
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
  /** Whether it is imported from a file without cell ids, whose rows were taken in order. */
  inOrder?: boolean;
  /** Number of dimensions of the embedding, if a companion in two dimensions is drawn instead. */
  companionOf?: number;
};

/** Line of the settings, as "section", "name", "value". */
export type Setting = { section: string; name: string; value: string };

export interface ReportData {
  readonly title: string;
  /** Description of the data in a sentence or two, by the author of the study. */
  readonly description: string | null;
  /** Whether the data are simulated, which is stated at the top of the page. */
  readonly simulated: boolean;
  readonly measures: readonly MeasureInfo[];
  /** Pairs of measures with a joint distribution, x then y. */
  readonly jointPairs: readonly (readonly [string, string])[];
  readonly settings: readonly Setting[];

  readonly typePairs: Columns<typeof typePairsTable>;
  readonly separation: Columns<typeof separationTable>;
  readonly cutoffs: Columns<typeof cutoffsTable>;
  readonly neighborPurity: Columns<typeof neighborPurityTable>;
  /** Table of encodings; absent, or without rows, if no encoding was compared with a reference. */
  readonly encodings?: Columns<typeof encodingsTable>;
  /** Table of diagnostics; absent if they are switched off. */
  readonly diagnostics?: Columns<typeof diagnosticsTable>;
  /** Table of perturbations; absent if no cells were perturbed. */
  readonly perturbations?: Columns<typeof perturbationsTable>;
  readonly joint: Columns<typeof jointTable>;
  readonly agreement: Columns<typeof agreementTable>;
  readonly sparsity: Columns<typeof sparsityTable>;
  readonly cellTypes: Columns<typeof cellTypesTable>;
  /** Choices made when the dataset was read, and cells that were left out; absent if not recorded. */
  readonly told?: DatasetTold;
  /** Distributions, in the order of `measures`. */
  readonly distributions: readonly Distribution[];
  readonly embeddings: readonly { readonly info: EmbeddingInfo; readonly embedding: Embedding }[];
  /** Numbers of the sampled cells. */
  readonly sample: {
    readonly totalCounts: Float64Array;
    readonly genes: Int32Array;
    readonly sparsity: Float64Array;
  };
  /** Number of kept genes, and of highly variable ones among them. */
  readonly genes: { readonly kept: number; readonly variable: number };
}
