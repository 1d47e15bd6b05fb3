/**
 * Definition of a metric: a measure that compares two cells. Each metric has its own file under `metrics/`, and
 * `metrics.ts` lists them.
 */
import type { Embedding } from '../../data/kinds/types.ts';
import type { Orientation } from '../../data/results/tables.ts';
import type { RowSource } from './row-source.ts';
import type { Space } from './space.ts';

interface Definition<N extends string> {
  /** `import.meta.url` of the metric's file, whose bundle is its identity. */
  readonly module: string;
  /** Name in the config, in tables and in the names of neighbour lists. */
  readonly name: N;
  /** Whether cells that are more alike have larger ('similarity') or smaller values ('distance'). */
  readonly orientation: Orientation;
  /**
   * Opens sparse rows as a space; values that are not stored are zeros.
   *
   * @param genes number of genes that take part, zeros included
   * @param order the rows of the space, as row numbers of the source; none twice
   */
  openRows(source: RowSource, genes: number, order: Int32Array): Promise<Space>;
}

/** Metric of rows of any numbers. Threads share its spaces (`Space.shared`). */
export interface NumberMetric<N extends string = string> extends Definition<N> {
  readonly needs: 'numbers';
  /** Opens dense rows as a space. */
  openDense(embedding: Embedding, order: Int32Array): Promise<Space>;
}

/** Metric that needs the detected genes of a cell: for encodings only, where genes without a stored value are not detected. */
export interface GeneMetric<N extends string = string> extends Definition<N> {
  readonly needs: 'detected genes';
}

export type MetricDefinition<N extends string = string> = NumberMetric<N> | GeneMetric<N>;

/** Declares a metric: the identity function, for type inference only. */
export function defineMetric<const N extends string>(definition: NumberMetric<N>): NumberMetric<N>;
export function defineMetric<const N extends string>(definition: GeneMetric<N>): GeneMetric<N>;
export function defineMetric(definition: MetricDefinition): MetricDefinition {
  return definition;
}
