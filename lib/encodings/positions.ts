/** Models that read a vector of genes in an order of their own: what of it is not zero. */
import type { RowSink } from './rows.ts';

/**
 * Gives a function that writes the entries of the row from `first` on as the model's input, by ascending position.
 * `position` is that of each column, −1 for none; undefined if no model input is written.
 */
export function writeByPosition(columns: number, position: Int32Array | undefined) {
  if (position === undefined) return () => {};
  // Columns in the order of the model, and the other way round: entries are sorted by small whole numbers.
  const byPosition = Int32Array.from(position.keys()).filter((column) => position[column] >= 0);
  byPosition.sort((a, b) => position[a] - position[b]);
  const valueAt = new Float32Array(columns);
  const places = new Int32Array(columns);
  const placeOf = new Int32Array(columns);
  for (let i = 0; i < byPosition.length; i++) placeOf[byPosition[i]] = i;

  return (out: RowSink, first: number) => {
    const n = out.nnz - first;
    for (let i = 0; i < n; i++) {
      const column = out.indices[first + i];
      places[i] = placeOf[column];
      valueAt[column] = out.values[first + i];
    }
    const sorted = places.subarray(0, n).sort();
    for (let i = 0; i < n; i++) {
      const column = byPosition[sorted[i]];
      out.modelGenes[out.modelCount] = position[column];
      out.modelValues[out.modelCount++] = valueAt[column];
    }
  };
}
