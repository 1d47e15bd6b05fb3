/** Source of the cells as given in the config: the key `dataset`, read by load and by subset. */
import { z } from 'zod';
import type { ConfigProblem } from '../flow/stage.ts';
import { labelProblems } from './labels.ts';
import { SimulateConfig } from './simulated/simulate.ts';

export type SimulatedDataset = z.output<typeof SimulatedSchema>;
export type FileDataset = z.output<typeof FileSchema>;
export type DatasetConfig = SimulatedDataset | FileDataset;

const SimulatedSchema = z.strictObject({
  source: z.literal('simulated').default('simulated'),
  ...SimulateConfig,
});

const FileSchema = z.strictObject({
  /** Path of a file or folder that a reader takes; a relative one counts from the folder of the config. */
  source: z
    .string()
    .min(1)
    // Aborts, so that a problem with a simulated dataset is not reported as one with a file of that name.
    .refine((source) => source !== 'simulated', { abort: true }),
  /** Matrix of raw counts. `auto`: the one of X, raw/X and layers named like counts that holds counts. */
  matrix: z
    .string()
    .regex(/^(auto|X|raw\/X|layers\/.+)$/, "expected 'auto', 'X', 'raw/X' or 'layers/NAME'")
    .default('auto'),
  /** Column of obs with the cell types. Without it, the error lists the columns there are. */
  label: z.string().min(1).optional(),
  /** Labels that take part, and labels that are one type under several names. */
  labels: z
    .strictObject({
      /** Types that are made of several labels: the name of the type, and the labels of the file. */
      merge: z.record(z.string().min(1), z.array(z.string().min(1)).min(1)).default({}),
      /** Labels, merged ones included, whose cells are left out. */
      exclude: z.array(z.string().min(1)).default([]),
      /** The only labels whose cells take part; null: all. */
      only: z.array(z.string().min(1)).min(1).nullable().default(null),
    })
    .optional(),
  /** Column of obs with the batches. */
  batch: z.string().min(1).optional(),
  /** Source of gene ids: the index of var, or a column of it. */
  geneId: z.string().min(1).default('index'),
  /** Versions of Ensembl ids (ENSG00000000003.15): kept if absent. */
  geneIdVersions: z.enum(['keep', 'strip']).optional(),
  /** Types of features that count as genes; null: all of the file. Absent: those that are genes. */
  features: z.array(z.string().min(1)).min(1).nullable().optional(),
  /** Column of obs that names a cell; the index if absent. */
  cellId: z.string().min(1).optional(),
});

/** Schema of `dataset`: `source` tells which of the two it is; without one, cells are simulated. */
export const DatasetSchema = z.union([SimulatedSchema, FileSchema]).prefault({ source: 'simulated' });

export function isSimulated(dataset: DatasetConfig): dataset is SimulatedDataset {
  return dataset.source === 'simulated';
}

/** Part of the dataset config that results depend on: all but the path, which the content of the file stands for. */
export function datasetParams(dataset: DatasetConfig): DatasetConfig {
  return isSimulated(dataset) ? dataset : { ...dataset, source: 'file' };
}

/** File or folder of the cells; undefined if they are simulated. */
export function datasetFile(dataset: DatasetConfig): string | undefined {
  return isSimulated(dataset) ? undefined : dataset.source;
}

/** Problems in the choice of labels that show without the data. */
export function checkDataset({ dataset }: { readonly dataset: DatasetConfig }): ConfigProblem[] {
  if (isSimulated(dataset) || dataset.labels === undefined) return [];
  return labelProblems(dataset.labels).map(({ path, message }) => ({
    path: ['dataset', 'labels', ...path],
    message,
  }));
}
