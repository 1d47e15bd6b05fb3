/** Input of models that read a vector of genes in an order of their own: the entries that are not zero. */
import type { RowSink } from './rows.ts';

/**
 * Returns a function that writes the entries of the row from `first` on as the model's input, by ascending position.
 * `position` is that of each column, −1 for none; undefined if no model input is written.
 */
export function writeByPosition(columns: number, position: Int32Array | undefined) {
  if (position === undefined) return () => {};
  // Columns in the order of the model. Scanning all places of a row is quicker than sorting its entries.
  const byPosition = Int32Array.from(position.keys()).filter((column) => position[column] >= 0);
  byPosition.sort((a, b) => position[a] - position[b]);
  const sorted = byPosition.map((column) => position[column]);
  const placeOf = new Int32Array(columns);
  for (let i = 0; i < byPosition.length; i++) placeOf[byPosition[i]] = i;
  const valueAt = new Float32Array(byPosition.length);

  return (out: RowSink, first: number) => {
    for (let e = first; e < out.nnz; e++) valueAt[placeOf[out.indices[e]]] = out.values[e];
    let left = out.nnz - first;
    for (let i = 0; left > 0; i++) {
      if (valueAt[i] === 0) continue; // no entry is 0
      out.modelGenes[out.modelCount] = sorted[i];
      out.modelValues[out.modelCount++] = valueAt[i];
      valueAt[i] = 0;
      left--;
    }
  };
}
