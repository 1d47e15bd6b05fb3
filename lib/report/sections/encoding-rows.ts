/** Main numbers of each encoding, selected from the table: those of one metric and one k. */
import type { Columns } from '../../data/kinds/types.ts';
import type { encodingsTable } from '../../data/results/tables.ts';

/** Number with its 95 % interval; missing numbers are NaN. */
export interface Told {
  readonly value: number;
  readonly lo: number;
  readonly hi: number;
}

export interface EncodingLine {
  readonly name: string;
  readonly role: string;
  readonly metric: string;
  /** AUROC, with interval over cells, like the next four numbers. */
  readonly auroc: Told;
  readonly aurocDifference: Told;
  readonly overlap: Told;
  readonly purity: Told;
  readonly purityDifference: Told;
  /** Agreement of the medians of type pairs, with interval over types. */
  readonly medians: Told;
}

export interface EncodingSummary {
  /** Reference metric of the study. */
  readonly metric: string;
  readonly reference: string;
  /** Number of neighbours; undefined if none were counted. */
  readonly k: number | undefined;
  /** Lines of the reference, then of encodings, ceilings and floors. */
  readonly lines: readonly EncodingLine[];
}

/** Summarizes the table; undefined without a table, or if it is empty, since nothing was compared with a reference. */
export function summarizeEncodings(
  table: Columns<typeof encodingsTable> | undefined,
): EncodingSummary | undefined {
  if (table === undefined) return undefined;
  const first = table.role.findIndex((role, i) => role === 'reference' && table.is_reference_metric[i]);
  if (first < 0) return undefined;
  const metric = table.metric[first];
  const ks = table.k.filter((k) => !Number.isNaN(k));
  const k = ks.length === 0 ? undefined : ks.reduce((least, own) => Math.min(least, own));
  const names = new Map(table.encoding.map((name, i) => [`${table.role[i]} ${name}`, i]));
  const lines = [...names.values()].map((row): EncodingLine => {
    const [name, role] = [table.encoding[row], table.role[row]];
    const isEncoding = role === 'reference' || role === 'encoding';
    const rows = table.encoding
      .map((_, i) => i)
      .filter((i) => table.encoding[i] === name && table.role[i] === role)
      .filter((i) => !isEncoding || table.is_reference_metric[i]);
    const told = (statistic: string, resampled: string, own?: number, difference = false): Told => {
      const found = rows.filter((i) => {
        if (table.statistic[i] !== statistic) return false;
        if (own !== undefined && table.k[i] !== own) return false;
        return !isEncoding || table.reference_metric[i] === null || table.reference_metric[i] === metric;
      });
      const at = found.find((i) => table.resampled[i] === resampled) ?? found[0];
      if (at === undefined) return { value: Number.NaN, lo: Number.NaN, hi: Number.NaN };
      return difference
        ? { value: table.difference[at], lo: table.difference_lo[at], hi: table.difference_hi[at] }
        : { value: table.value[at], lo: table.lo[at], hi: table.hi[at] };
    };
    const ofNeighbors = (statistic: string, difference = false) =>
      told(k === undefined ? '' : statistic, 'cells', k, difference);
    return {
      name,
      role,
      metric: table.metric[rows[0] ?? row],
      auroc: told('auroc', 'cells'),
      aurocDifference: told('auroc', 'cells', undefined, true),
      overlap: ofNeighbors('neighbor_overlap'),
      purity: ofNeighbors('label_purity_macro'),
      purityDifference: ofNeighbors('label_purity_macro', true),
      medians: told('type_pair_medians', 'types'),
    };
  });
  return { metric, reference: table.encoding[first], k, lines };
}
