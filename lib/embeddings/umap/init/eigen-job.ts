/** The spectrum of a large matrix as a job for one thread or several. */
import { RandomStream } from '../../../flow/random.ts';
import { type PanelJob, PanelSpace, panelJob, type SparseRows } from '../../../kernels/panels.ts';
import {
  type DavidsonOptions,
  type Eigenpairs,
  largestEigenpairs,
  mostPanels,
} from './chebyshev-davidson.ts';

/** Crosses threads by structured clone. */
export interface EigenJob {
  readonly panels: PanelJob;
  readonly options: Omit<DavidsonOptions, 'random' | 'afterBlock'>;
  /** Of the stream that every thread draws from. */
  readonly key: readonly [number, number];
}

/** @param known a unit eigenvector of the eigenvalue 1, which is not looked for */
export function eigenJob(
  matrix: SparseRows,
  known: Float64Array,
  options: EigenJob['options'],
  random: RandomStream,
): EigenJob {
  const panels = panelJob(matrix, known, mostPanels(options.wanted));
  return { panels, options, key: [random.uint32(), random.uint32()] };
}

/** Works on a job together with the other threads, which all do the same. */
export async function solveEigenJob(
  { panels, options, key }: EigenJob,
  threads: number,
  afterBlock?: DavidsonOptions['afterBlock'],
): Promise<Eigenpairs> {
  const space = await PanelSpace.attach(panels, threads);
  return largestEigenpairs(space, { ...options, random: new RandomStream(...key), afterBlock });
}
