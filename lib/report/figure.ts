/** A figure of the page. */
import { type MeasureInfo } from './measure-info.ts';
import type { DatasetTold } from '../cells/dataset-told.ts';
import type { Columns, Embedding } from '../data/kinds/types.ts';
import type {
  agreementTable,
  cellTypesTable,
  cutoffsTable,
  Distribution,
  encodingsTable,
  jointTable,
  lossesTable,
  neighborPurityTable,
  perturbationsTable,
  separationTable,
  sparsityTable,
  typePairsTable,
} from '../data/results/tables.ts';

/** One picture: a standalone SVG, and what the page says of it. */
export interface Figure {
  /** File name without extension. */
  readonly name: string;
  readonly section:
    | 'joint'
    | 'medians'
    | 'distribution'
    | 'relations'
    | 'encodings'
    | 'types'
    | 'heatmap'
    | 'sparsity'
    | 'cells'
    | 'embedding';
  readonly title: string;
  /** What is drawn and how to read it; plain text. */
  readonly caption: string;
  /** What someone who cannot see it would need to know; plain text. */
  readonly alt: string;
  readonly width: number;
  readonly height: number;
  /** What stands inside the svg element. */
  readonly body: string;
}
