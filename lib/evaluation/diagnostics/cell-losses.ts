/** Information that an encoding loses of each cell: its counts, as the encoder reads them, compared with its encoded row. */
import type { CsrBlock } from '../../cells/csr.ts';
import type { Reading } from '../../encodings/encoding.ts';
import { log } from '../../kernels/math.ts';
import { DenseRanks, tieMass } from '../../stats/dense-ranks.ts';
import { RankComparison } from '../../stats/rank-agreement.ts';
import type { Block } from './aligned-blocks.ts';
import { CellGenes } from './cell-genes.ts';
import { InverseSums } from './inverse.ts';
import { positionsOf } from './positions.ts';

/** Names of the losses, one number per cell; NaN where a loss is not defined for a cell. */
export const CELL_LOSSES = [
  'unread_genes',
  'unread_counts',
  'cut_genes',
  'cut_counts',
  'tie_mass',
  'tie_mass_encoded',
  'median_spearman',
  'median_kendall',
  'redrawn',
  'redrawn_spearman',
  'inverse_slope',
  'inverse_intercept',
  'inverse_r2',
  'inverse_r2_detected',
  'sparsity',
] as const;
export type CellLoss = (typeof CELL_LOSSES)[number];

export interface EncodedCells {
  readonly kind: string;
  readonly reading: Reading;
  /** Number of cells. */
  readonly cells: number;
  /** Whether the columns are dimensions instead of genes: then every gene that is read takes part in all of them. */
  readonly dense: boolean;
  /** Number of genes that take part in the encoding's correlations, zeros included. */
  readonly genesUsed: number;
}

/** Counts and encoded rows of the same cells. */
export interface CellRows {
  readonly counts: Block;
  /** Encoded rows; columns beyond those of the reading are not genes. */
  readonly encoded: Block;
  /** Total counts of all cells. */
  readonly totals: Float64Array;
  /** Block of counts encoded with other random numbers, if the encoding draws any. */
  readonly again?: CsrBlock;
}

/** Total that counts are scaled to for a gene's y in the inverse. */
const TARGET = 10_000;
/** Count below which y is looked up in a table. */
const TABLE = 64;

export class CellLosses {
  readonly columns: Readonly<Record<CellLoss, Float64Array>>;
  readonly genesDetected: Int32Array;
  readonly genesEncoded: Int32Array;
  readonly #encoded: EncodedCells;
  readonly #genes: CellGenes;
  readonly #comparison: RankComparison;
  readonly #ranks: DenseRanks;
  /** Values of the read genes of the cell: in the encoding, in another draw of it, and before ordering. */
  readonly #entry: Float64Array;
  readonly #redrawn: Float64Array;
  readonly #scaled: Float64Array;
  readonly #log10: Float64Array;
  readonly #yOf = new Float64Array(TABLE);
  readonly #cell = new InverseSums();
  readonly #pooled = {
    inverse: new InverseSums(),
    genes: new Ratio(),
    counts: new Ratio(),
    cutGenes: new Ratio(),
    cutCounts: new Ratio(),
    ties: new Ratio(),
    encodedTies: new Ratio(),
    redrawn: new Ratio(),
  };

  constructor(encoded: EncodedCells) {
    this.#encoded = encoded;
    this.#genes = new CellGenes(encoded.reading);
    const { capacity } = this.#genes;
    this.#comparison = new RankComparison(capacity);
    this.#ranks = new DenseRanks(capacity);
    this.#entry = new Float64Array(capacity);
    this.#redrawn = new Float64Array(capacity);
    this.#scaled = new Float64Array(capacity);
    this.#log10 = Float64Array.from({ length: 2 * capacity + 1 }, (_, i) => log10(1 + i / 2));
    this.columns = Object.fromEntries(
      CELL_LOSSES.map((loss) => [loss, new Float64Array(encoded.cells).fill(Number.NaN)]),
    ) as Record<CellLoss, Float64Array>;
    this.genesDetected = new Int32Array(encoded.cells);
    this.genesEncoded = new Int32Array(encoded.cells);
  }

  /** Adds cells [from, to), which lie in both blocks. */
  add(rows: CellRows, from: number, to: number): void {
    for (let cell = from; cell < to; cell++) this.#addCell(rows, cell);
  }

  /** Returns the losses of all cells pooled: ratios of sums. */
  pooled(): Partial<Record<CellLoss, number>> {
    const { inverse, genes, counts, cutGenes, cutCounts, ties, encodedTies, redrawn } = this.#pooled;
    const { slope, intercept, r2, r2Detected } = inverse.line();
    return {
      unread_genes: genes.value,
      unread_counts: counts.value,
      cut_genes: cutGenes.value,
      cut_counts: cutCounts.value,
      tie_mass: ties.value,
      tie_mass_encoded: encodedTies.value,
      redrawn: redrawn.value,
      inverse_slope: slope,
      inverse_intercept: intercept,
      inverse_r2: r2,
      inverse_r2_detected: r2Detected,
    };
  }

  #addCell({ counts, encoded, totals, again }: CellRows, cell: number): void {
    const row = cell - counts.start;
    const genes = this.#genes;
    const { columns } = this;
    const pooled = this.#pooled;
    genes.gather(counts, row);
    const { n } = genes;
    this.genesDetected[cell] = n;
    columns.sparsity[cell] = genes.capacity === 0 ? Number.NaN : 1 - n / genes.capacity;
    columns.unread_genes[cell] = pooled.genes.add(genes.unreadGenes, n + genes.unreadGenes);
    columns.unread_counts[cell] = pooled.counts.add(
      genes.unreadCounts,
      genes.readCounts + genes.unreadCounts,
    );
    this.#addOrder(cell);
    if (this.#encoded.dense) {
      this.genesEncoded[cell] = n;
      return;
    }
    const kept = this.#placeEntries(encoded, cell - encoded.start, this.#entry);
    this.genesEncoded[cell] = kept;
    let cutCounts = 0;
    for (let i = 0; i < n; i++) if (this.#entry[i] === 0) cutCounts += genes.counts[i];
    columns.cut_genes[cell] = pooled.cutGenes.add(n - kept, n);
    columns.cut_counts[cell] = pooled.cutCounts.add(cutCounts, genes.readCounts);
    this.#addEncodedTies(cell, kept);
    this.#addInverse(cell, kept, totals[cell]);
    if (again !== undefined) this.#addRedrawn(cell, again, row);
  }

  /** Adds the ties of the values that are ordered, and the change of order by the divisors. */
  #addOrder(cell: number): void {
    const { n, counts, columns: genes } = this.#genes;
    const { columns } = this;
    const { divisor } = this.#encoded.reading;
    let tied: number;
    if (divisor === undefined) {
      this.#ranks.group(counts, n);
      tied = this.#ranks.tiedPairs();
    } else {
      const scaled = this.#scaled;
      for (let i = 0; i < n; i++) scaled[i] = counts[i] / divisor[genes[i]];
      const { spearman, kendall } = this.#comparison.compare(counts, scaled, n);
      columns.median_spearman[cell] = spearman;
      columns.median_kendall[cell] = kendall;
      tied = this.#comparison.y.tiedPairs();
    }
    columns.tie_mass[cell] = tieMass(tied, n);
    this.#pooled.ties.add(tied, n * n - n);
  }

  /** Writes the value of each read gene in row `row`, 0 without one, and returns the number of genes with a value. */
  #placeEntries(matrix: CsrBlock, row: number, out: Float64Array): number {
    const { n, columns } = this.#genes;
    const end = matrix.indptr[row + 1];
    let e = matrix.indptr[row];
    let found = 0;
    for (let i = 0; i < n; i++) {
      while (e < end && matrix.indices[e] < columns[i]) e++;
      const has = e < end && matrix.indices[e] === columns[i];
      out[i] = has ? matrix.values[e] : 0;
      if (has) found++;
    }
    return found;
  }

  #addEncodedTies(cell: number, kept: number): void {
    const values = this.#scaled;
    let at = 0;
    for (let i = 0; i < this.#genes.n; i++) {
      const value = this.#entry[i];
      if (value === 0) continue;
      if (value < 0) return; // such numbers do not stand for an order by descending value
      values[at++] = value;
    }
    this.#ranks.group(values, kept);
    const tied = this.#ranks.tiedPairs();
    this.columns.tie_mass_encoded[cell] = tieMass(tied, kept);
    this.#pooled.encodedTies.add(tied, kept * kept - kept);
  }

  #addInverse(cell: number, kept: number, total: number): void {
    const { n, counts } = this.#genes;
    const { kind, genesUsed } = this.#encoded;
    const positionOf = positionsOf(kind);
    const entries = { n: kept, genesUsed };
    const sums = this.#cell;
    const yOf = this.#yOf;
    sums.clear();
    yOf.fill(0);
    const scale = TARGET / total;
    for (let i = 0; i < n; i++) {
      const x = counts[i];
      let y: number;
      if (x < TABLE && (x | 0) === x) {
        if (yOf[x] === 0) yOf[x] = log10(1 + x * scale);
        y = yOf[x];
      } else {
        y = log10(1 + x * scale);
      }
      const value = this.#entry[i];
      if (value === 0) sums.addAbsent(y);
      else if (positionOf === undefined) sums.add(value, y, false);
      else sums.add(this.#log10[2 * positionOf(value, entries)], y, true);
    }
    this.#pooled.inverse.addSums(sums);
    const { columns } = this;
    const { slope, intercept, r2, r2Detected } = sums.line();
    columns.inverse_slope[cell] = slope;
    columns.inverse_intercept[cell] = intercept;
    columns.inverse_r2[cell] = r2;
    columns.inverse_r2_detected[cell] = r2Detected;
  }

  #addRedrawn(cell: number, again: CsrBlock, row: number): void {
    const { n } = this.#genes;
    this.#placeEntries(again, row, this.#redrawn);
    let changed = 0;
    let negative = false;
    for (let i = 0; i < n; i++) {
      if (this.#entry[i] !== this.#redrawn[i]) changed++;
      if (this.#entry[i] < 0 || this.#redrawn[i] < 0) negative = true;
    }
    this.columns.redrawn[cell] = this.#pooled.redrawn.add(changed, n);
    if (negative) return;
    this.columns.redrawn_spearman[cell] = this.#comparison.compare(this.#entry, this.#redrawn, n).spearman;
  }
}

/** Ratio of sums; `add` returns the ratio of the added numbers, NaN if the whole is 0. */
class Ratio {
  #part = 0;
  #whole = 0;

  add(part: number, whole: number): number {
    this.#part += part;
    this.#whole += whole;
    return whole > 0 ? part / whole : Number.NaN;
  }

  get value(): number {
    return this.#whole > 0 ? this.#part / this.#whole : Number.NaN;
  }
}

const log10 = (x: number) => log(x) / Math.LN10;
