/** Table of the page on what each encoding keeps. */
import { fixed, plural } from '../drawing/text.ts';
import type { ReportData } from '../page/data.ts';
import { dataTable, type Html, html } from '../page/html.ts';
import { summarizeEncodings, type Told } from './encoding-rows.ts';

/** Renders the table; null if no encoding was compared with a reference. */
export function encodingsSection({ encodings }: ReportData): Html | null {
  const summary = summarizeEncodings(encodings);
  if (summary === undefined) return null;
  const { metric, reference, k, lines } = summary;
  const number = (title: string) => ({ title, number: true });
  const table = dataTable(
    `What each encoding keeps of ${reference}`,
    [
      { title: 'encoding' },
      { title: 'metric' },
      number('AUROC'),
      number(`difference to ${reference}`),
      ...(k === undefined
        ? []
        : [
            number(`overlap of ${plural(k, 'neighbour')}`),
            number('same type (mean over types)'),
            number(`difference to ${reference}`),
          ]),
      number('agreement of type-pair medians (Spearman ρ)'),
    ],
    lines.map((line) => [
      line.role === 'reference' || line.role === 'encoding' ? line.name : html`${line.role}: ${line.name}`,
      line.metric,
      told(line.auroc),
      told(line.aurocDifference),
      ...(k === undefined ? [] : [told(line.overlap), told(line.purity), told(line.purityDifference)]),
      told(line.medians),
    ]),
  );
  return html`${table}
<p class="muted">Metric: ${metric}; other metrics: encodings.parquet. Small numbers: 95% intervals over resampled cells (last column: over resampled types); differences are paired. ${k !== undefined && `Overlap: Jaccard index of each cell’s nearest neighbours and those in ${reference}. `}Last column: Spearman correlation with ${reference} of the medians of pairs of two types. Ceilings and floors: <i>second-layout</i>, two UMAP layouts of ${reference} by different seeds; <i>split-half</i>, two halves of the genes, which share no noise as encodings of the same counts do; <i>shuffled-labels</i>; <i>random-order</i>, each cell’s values in random order among its detected genes; <i>depth</i>, total counts alone.</p>
`;
}

function told({ value, lo, hi }: Told): Html {
  if (Number.isNaN(lo)) return html`${fixed(value, 3)}`;
  return html`${fixed(value, 3)} <small>${fixed(lo, 3)} – ${fixed(hi, 3)}</small>`;
}
