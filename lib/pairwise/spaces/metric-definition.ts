/**
 * A metric: how two cells are compared. Each metric stands in a file of its own under `metrics/`, and `metrics.ts` lists
 * them.
 */
import type { Embedding } from '../../data/kinds/types.ts';
import type { Orientation } from '../../data/results/tables.ts';
import type { RowSource } from './row-source.ts';
import type { Space } from './space.ts';

interface Definition<N extends string> {
  /** `import.meta.url` of the metric's file, whose bundle is its identity. */
  readonly module: string;
  /** In the config, in tables and in the names of lists of neighbours. */
  readonly name: N;
  /** Whether cells that are more alike have larger ('similarity') or smaller values ('distance'). */
  readonly orientation: Orientation;
  /**
   * The space of sparse rows, of which values that are not stored are zeros.
   *
   * @param genes number of genes that take part, zeros included
   * @param order the rows of the space, as row numbers of the source; none twice
   */
  openRows(source: RowSource, genes: number, order: Int32Array): Promise<Space>;
}

/** A metric of rows of any numbers. Its spaces are shared by threads (`Space.shared`). */
export interface NumberMetric<N extends string = string> extends Definition<N> {
  readonly needs: 'numbers';
  /** The space of dense rows. */
  openDense(embedding: Embedding, order: Int32Array): Promise<Space>;
}

/** A metric that asks which genes a cell has: for encodings only, where what is not stored is not detected. */
export interface GeneMetric<N extends string = string> extends Definition<N> {
  readonly needs: 'detected genes';
}

export type MetricDefinition<N extends string = string> = NumberMetric<N> | GeneMetric<N>;

/** Declares a metric. Gives its parts their types and does no more. */
export function defineMetric<const N extends string>(definition: NumberMetric<N>): NumberMetric<N>;
export function defineMetric<const N extends string>(definition: GeneMetric<N>): GeneMetric<N>;
export function defineMetric(definition: MetricDefinition): MetricDefinition {
  return definition;
}
