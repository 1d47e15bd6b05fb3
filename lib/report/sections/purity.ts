/** Table of the page on k-NN purity. */
import { count, percent } from '../drawing/text.ts';
import type { ReportData } from '../page/data.ts';
import { dataTable, type Html, html } from '../page/html.ts';

/** Renders the table; null if no neighbours were counted. */
export function puritySection({ neighborPurity: t }: ReportData): Html | null {
  const rows = t.measure.map((_, i) => i).filter((i) => t.label[i] === null);
  if (rows.length === 0) return null;
  const batches = rows.some((i) => !Number.isNaN(t.same_batch[i]));
  const number = (title: string) => ({ title, number: true });
  const macro = (row: number) => {
    const shares = t.measure
      .map((_, i) => i)
      .filter((i) => t.measure[i] === t.measure[row] && t.k[i] === t.k[row] && t.label[i] !== null)
      .map((i) => t.same_label[i])
      .filter((share) => !Number.isNaN(share));
    return shares.reduce((sum, share) => sum + share, 0) / shares.length;
  };
  return html`${dataTable(
    'The nearest other cells of a cell',
    [
      { title: 'measure' },
      number('neighbours'),
      number('same type'),
      number('same type (mean over types)'),
      number('by chance'),
      ...(batches ? [number('same batch'), number('same batch, other type')] : []),
    ],
    rows.map((i) => [
      t.measure[i],
      count(t.k[i]),
      percent(t.same_label[i]),
      percent(macro(i)),
      percent(t.chance_same_label[i]),
      ...(batches ? [percent(t.same_batch[i]), percent(t.same_batch_other_label[i])] : []),
    ]),
  )}
<p class="muted">Shares of the nearest cells in each measure, as means over cells, or over cells within a type and then over types. ${batches && 'A neighbour of the same batch and another type may be near because of the batch.'}</p>
`;
}
