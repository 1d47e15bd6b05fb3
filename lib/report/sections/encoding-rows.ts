/** The main numbers of each encoding, of all that the table holds: those of one metric and one k. */
import type { Columns } from '../../data/kinds/types.ts';
import type { encodingsTable } from '../../data/results/tables.ts';

/** A number with its 95 % interval; NaN for what is missing. */
export interface Told {
  readonly value: number;
  readonly lo: number;
  readonly hi: number;
}

export interface EncodingLine {
  readonly name: string;
  readonly role: string;
  readonly metric: string;
  /** Intervals over cells. */
  readonly auroc: Told;
  readonly aurocDifference: Told;
  readonly overlap: Told;
  readonly purity: Told;
  readonly purityDifference: Told;
  /** Interval over types. */
  readonly medians: Told;
}

export interface EncodingSummary {
  /** The reference metric of the study: that of ceilings and floors. */
  readonly metric: string;
  readonly reference: string;
  /** Neighbours; undefined if none were counted. */
  readonly k: number | undefined;
  /** The reference first, then encodings, ceilings and floors. */
  readonly lines: readonly EncodingLine[];
}

/** Undefined without a table, or if it is empty: nothing was held against a reference. */
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
