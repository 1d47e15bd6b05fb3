/** k-NN purity: shares of a cell's nearest cells with its label and its batch. */
import type { Columns, Neighbors } from '../data/kinds/types.ts';
import type { measurePurityTable } from '../data/results/tables.ts';

/** Labels and batches of the sampled cells, in the order of the neighbours' rows. */
export interface LabelledCells {
  readonly label: readonly string[];
  readonly batch: readonly (string | null)[];
}

/** Row of the table of purity. */
export interface PurityRow {
  /** Label whose cells are averaged; null: all cells. */
  readonly label: string | null;
  readonly k: number;
  readonly sameLabel: number;
  readonly sameBatch: number;
  readonly sameBatchOtherLabel: number;
  readonly chance: number;
}

/**
 * Computes, for each k, the shares of the k nearest other cells of a cell (fewer if there are no more) with the cell's
 * label, with its batch, and with its batch but another label, averaged over all cells and over the cells of each label.
 * A cell without neighbours is left out of the means; cells and neighbours without a batch are left out of those of
 * batches. A mean over no cells is NaN.
 *
 * Chance is the expected share of random labels: (n − 1)/(N − 1) for a label with n of N cells, and the mean of that over
 * all cells.
 *
 * @param neighbors by distance, ties by row number, the cell itself first; k + 1 or more, if there are as many
 * @param withoutValue rows that have no distance to any other: they have no neighbours and are no neighbours
 * @param farthest neighbours at this distance or farther do not count
 */
export function neighborPurity(
  { k: listed, indices, distances }: Neighbors,
  withoutValue: readonly number[],
  { label, batch }: LabelledCells,
  ks: readonly number[],
  farthest = Number.POSITIVE_INFINITY,
): PurityRow[] {
  const cells = label.length;
  if (indices.length !== cells * listed) {
    throw new Error(`Internal error: neighbours of ${indices.length / listed} cells, labels of ${cells}`);
  }
  const absent = new Uint8Array(cells);
  for (const row of withoutValue) absent[row] = 1;
  const sizes = new Map<string, number>();
  for (const name of label) sizes.set(name, (sizes.get(name) ?? 0) + 1);
  const labels = [...sizes.keys()].sort();
  return ks.flatMap((k) => {
    const all = new Means();
    const byLabel = new Map(labels.map((name) => [name, new Means()]));
    for (let cell = 0; cell < cells; cell++) {
      if (absent[cell] === 1) continue;
      let [found, sameLabel, withBatch, sameBatch, driven] = [0, 0, 0, 0, 0];
      for (let slot = 1; slot < listed && found < k; slot++) {
        const other = indices[cell * listed + slot];
        if (absent[other] === 1 || distances[cell * listed + slot] >= farthest) continue;
        found++;
        const alike = label[other] === label[cell];
        if (alike) sameLabel++;
        if (batch[other] === null) continue;
        withBatch++;
        if (batch[other] !== batch[cell]) continue;
        sameBatch++;
        if (!alike) driven++;
      }
      for (const means of [all, byLabel.get(label[cell])!]) {
        if (found > 0) means.addLabel(sameLabel / found);
        if (batch[cell] !== null && withBatch > 0) means.addBatch(sameBatch / withBatch, driven / withBatch);
      }
    }
    const pairs = labels.reduce((sum, name) => sum + sizes.get(name)! * (sizes.get(name)! - 1), 0);
    return [
      all.row(null, k, pairs / (cells * (cells - 1))),
      ...labels.map((name) => byLabel.get(name)!.row(name, k, (sizes.get(name)! - 1) / (cells - 1))),
    ];
  });
}

class Means {
  #cells = 0;
  #sameLabel = 0;
  #cellsWithBatch = 0;
  #sameBatch = 0;
  #driven = 0;

  addLabel(sameLabel: number): void {
    this.#cells++;
    this.#sameLabel += sameLabel;
  }

  addBatch(sameBatch: number, driven: number): void {
    this.#cellsWithBatch++;
    this.#sameBatch += sameBatch;
    this.#driven += driven;
  }

  row(label: string | null, k: number, chance: number): PurityRow {
    return {
      label,
      k,
      sameLabel: this.#sameLabel / this.#cells,
      sameBatch: this.#sameBatch / this.#cellsWithBatch,
      sameBatchOtherLabel: this.#driven / this.#cellsWithBatch,
      chance,
    };
  }
}

/** Table of purity, rows in their order. */
export function purityColumns(rows: readonly PurityRow[]): Columns<typeof measurePurityTable> {
  return {
    label: rows.map((row) => row.label),
    k: Int32Array.from(rows, (row) => row.k),
    same_label: Float64Array.from(rows, (row) => row.sameLabel),
    same_batch: Float64Array.from(rows, (row) => row.sameBatch),
    same_batch_other_label: Float64Array.from(rows, (row) => row.sameBatchOtherLabel),
    chance_same_label: Float64Array.from(rows, (row) => row.chance),
  };
}
