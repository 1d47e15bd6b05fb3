/** Description of a measure: a metric of pairs of cells in an encoding or in an embedding. */
export type MeasureInfo = {
  name: string;
  metric: string;
  /** Name of the encoding or embedding that is measured. */
  of: string;
  source: 'encoding' | 'embedding';
  /** Kind of the encoding or method of the embedding. */
  method: string;
  /** Name of the encoding or embedding that an embedding is computed from; null if imported. */
  from: string | null;
};
