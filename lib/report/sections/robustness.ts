/** Section of the page on perturbed cells: changes that leave an encoding unchanged, and how far cells move. */
import { fixed, percent, value } from '../drawing/text.ts';
import type { ReportData } from '../page/data.ts';
import { dataTable, type Html, html } from '../page/html.ts';

type Perturbations = NonNullable<ReportData['perturbations']>;

export function robustnessSection(t: Perturbations): Html {
  const rows = t.probe.map((_, i) => i).filter((i) => t.label[i] === null);
  const encodings = [...new Set(rows.map((i) => t.encoding[i]))];
  const amounts = (probe: string) => [
    ...new Set(rows.filter((i) => t.probe[i] === probe).map((i) => t.amount[i])),
  ];
  const table = (
    caption: string,
    probe: string,
    title: (amount: number) => string,
    cell: (row: number) => string,
  ) =>
    dataTable(
      caption,
      [{ title: 'encoding' }, ...amounts(probe).map((amount) => ({ title: title(amount), number: true }))],
      encodings.map((encoding) => [
        encoding,
        ...rows.filter((i) => t.encoding[i] === encoding && t.probe[i] === probe).map(cell),
      ]),
    );
  const times = (amount: number) => `× ${amount}`;
  return html`${
    amounts('fold').length > 0 &&
    html`${table('One gene changed: share of changes that the encoding does not show', 'fold', times, (i) => percent(t.unchanged[i]))}
<p class="muted">The count of one detected gene is multiplied, and the cell encoded again. In this share of changes every number and token stayed the same, so a model cannot see them. Many genes share a count, so even a small rise moves a gene past all of them.</p>
${table('One gene changed: how far the cell moves', 'fold', times, (i) => value(t.median[i], 2))}`
  }
${
  amounts('depth').length > 0 &&
  html`${table(
    'Fewer counts: how far the cell moves',
    'depth',
    (amount) => percent(amount, amount * 100 === Math.round(amount * 100) ? 0 : 1),
    (i) => fixed(t.median[i], 2),
  )}
<p class="muted">Counts were thinned at random to the share above.</p>`
}
<p class="muted">Moves are distances between a cell before and after the change, in units of the distance to its nearest neighbour of the same type; median over cells. Above 1, a cell moved farther than its nearest same-type neighbour is away.</p>
`;
}
