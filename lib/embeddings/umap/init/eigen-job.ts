/** Spectrum of a large matrix, as a job for one or several threads. */
import { RandomStream } from '../../../flow/random.ts';
import { type PanelJob, PanelSpace, panelJob, type SparseRows } from '../../../kernels/panels.ts';
import {
  type DavidsonOptions,
  type Eigenpairs,
  largestEigenpairs,
  mostPanels,
} from './chebyshev-davidson.ts';

/** Data of a job, passed to threads by structured clone. */
export interface EigenJob {
  readonly panels: PanelJob;
  readonly options: Omit<DavidsonOptions, 'random' | 'afterBlock'>;
  /** Key of the random stream that every thread draws from. */
  readonly key: readonly [number, number];
}

/** Prepares a job. @param known unit eigenvector of the eigenvalue 1, which is not searched for */
export function eigenJob(
  matrix: SparseRows,
  known: Float64Array,
  options: EigenJob['options'],
  random: RandomStream,
): EigenJob {
  const panels = panelJob(matrix, known, mostPanels(options.wanted));
  return { panels, options, key: [random.uint32(), random.uint32()] };
}

/** Solves a job together with the other threads, which all run this function. */
export async function solveEigenJob(
  { panels, options, key }: EigenJob,
  threads: number,
  afterBlock?: DavidsonOptions['afterBlock'],
): Promise<Eigenpairs> {
  const space = await PanelSpace.attach(panels, threads);
  return largestEigenpairs(space, { ...options, random: new RandomStream(...key), afterBlock });
}
