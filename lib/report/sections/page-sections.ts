/** Sections of the page with text and tables. */
import { datasetLines } from '../../cells/dataset-told.ts';
import { nearlyEqualLabels } from '../../cells/labels.ts';
import { count, fit, fixed, percent, plural, value } from '../drawing/text.ts';
import type { Figure } from '../figure.ts';
import type { ReportData } from '../page/data.ts';
import { dataTable, type Html, html } from '../page/html.ts';
import { closestOthers, type TypeMatrices } from '../page/type-pairs.ts';
import { caveats, measureInWords, metricDefinition } from './words.ts';

/** Renders the main numbers of the study. */
export function factSection(data: ReportData, matrices: TypeMatrices): Html {
  const { sparsity, cellTypes, sample, genes } = data;
  const inSource = sum(sparsity.cells.filter((_, i) => sparsity.scope[i] === 'all'));
  const cells = sample.genes.length;
  const variable = genes.variable < genes.kept ? [['highly variable genes', count(genes.variable)]] : [];
  const facts = [
    ['cells in the source', count(inSource)],
    ['cells sampled', count(cells)],
    ['cell types', `${count(matrices.types.length)} of ${count(cellTypes.label.length)}`],
    ['genes kept', count(genes.kept)],
    ...variable,
    ['pairs of cells', count((cells * (cells - 1)) / 2)],
    ['counts in a cell (median)', value(median(sample.totalCounts))],
    ['genes detected (median)', value(median(Float64Array.from(sample.genes)))],
    ['genes without a count (median)', percent(median(sample.sparsity))],
  ];
  return html`<dl class="facts">${facts.map(([name, number]) => html`<div><dt>${name}</dt><dd>${number}</dd></div>`)}</dl>
${summary(data)}`;
}

/** Renders the result in one sentence; null if no measure has an AUROC. */
function summary({ measures, distributions }: ReportData): Html | null {
  const known = measures
    .map((measure, i) => ({ name: measure.name, auroc: distributions[i].auroc }))
    .filter((m): m is { name: string; auroc: number } => m.auroc !== null)
    .sort((a, b) => b.auroc - a.auroc);
  if (known.length === 0) return null;
  const ranked = known.map(
    ({ name, auroc }, i) =>
      html`${i === 0 ? '' : i === known.length - 1 ? ' and ' : ', '}in ${percent(auroc)} of cases by <strong>${name}</strong>`,
  );
  return html`<p>A pair of cells of the same type is more similar than a pair of cells of two types ${ranked} (AUROC; 50% would be chance).</p>`;
}

export function measureSection(data: ReportData): Html {
  const metrics = [...new Set(data.measures.map((m) => m.metric))];
  const definitions = metrics
    .map(metricDefinition)
    .filter((definition) => definition !== undefined)
    .map((definition) => html`<li>${definition}</li>`);
  return html`<p>A measure says how alike two cells are. Each was taken between all pairs of the sampled cells: <em>within</em> is a pair of different cells of one type, <em>between</em> a pair of cells of two types.</p>
${dataTable(
  'Measures',
  [{ title: 'measure' }, { title: 'what it is' }, { title: 'more alike is' }],
  data.measures.map((measure, i) => [
    measure.name,
    measureInWords(measure, data.distributions[i]),
    data.distributions[i].orientation === 'similarity' ? 'larger' : 'smaller',
  ]),
)}
${definitions.length > 0 && html`<ul>${definitions}</ul>`}`;
}

export function separationSection(data: ReportData): Html {
  const { separation: t } = data;
  const number = (title: string) => ({ title, number: true });
  const bounds = data.distributions.map((d) => d.auroc_error_bound ?? 0);
  const inexact = Math.max(0, ...bounds);
  return html`${dataTable(
    'How far pairs within types are from pairs between types',
    [
      { title: 'measure' },
      number('AUROC'),
      number('Cliff’s δ'),
      number('median within'),
      number('median between'),
      number('IQR within'),
      number('IQR between'),
      number('pairs within'),
      number('pairs between'),
    ],
    t.measure.map((measure, i) => [
      measure,
      fixed(t.auroc[i], 4),
      fixed(t.cliffs_delta[i], 4),
      value(t.median_within[i], 4),
      value(t.median_between[i], 4),
      value(t.iqr_within[i]),
      value(t.iqr_between[i]),
      count(t.n_within[i]),
      count(t.n_between[i]),
    ]),
  )}
${inexact > 5e-5 && html`<p class="muted">AUROC and Cliff’s δ are from a fine histogram of all pairs; AUROC is off by at most ${value(inexact, 2)}.</p>`}
${t.measure.some((_, i) => Number.isNaN(t.auroc[i])) && html`<p class="muted">A dash stands where there is no pair with a value.</p>`}`;
}

/** Renders the agreement of measures on the order of types, and of pairs of types. */
export function agreementSection(data: ReportData): Html {
  const { agreement: t } = data;
  const orientation = (name: string) =>
    data.distributions[data.measures.findIndex((m) => m.name === name)]?.orientation;
  const opposed = t.x_measure.some((x, i) => orientation(x) !== orientation(t.y_measure[i]));
  return html`${dataTable(
    'Rank correlation of the medians of two measures',
    [
      { title: 'measures' },
      { title: 'over' },
      { title: 'points', number: true },
      { title: 'Spearman’s ρ', number: true },
    ],
    t.x_measure.map((x, i) => [
      `${x} and ${t.y_measure[i]}`,
      t.scope[i] === 'within' ? 'types' : 'pairs of types',
      count(t.n_points[i]),
      fixed(t.spearman[i], 3),
    ]),
  )}
<p class="muted">Over types: do both measures find the same types compact? Over pairs of types: do both find the same types close? ${opposed && 'A distance and a similarity that agree have a correlation near −1. '}Each type enters many pairs, so the points are not independent and no p-value is given.</p>
`;
}

/** Renders the table of all types: their cells, and for each measure their own median and the closest other type. */
export function typeSection(data: ReportData, matrices: TypeMatrices): Html {
  const { cellTypes: t } = data;
  const n = matrices.types.length;
  const index = new Map(matrices.types.map((type, i) => [type, i]));
  const measures = data.measures.map((measure, m) => {
    const matrix = matrices.byMeasure.get(measure.name)!;
    return {
      name: measure.name,
      matrix,
      closest: closestOthers(matrix, n, data.distributions[m].orientation === 'similarity'),
    };
  });
  const rows = t.label.map((label, row) => {
    const i = index.get(label) ?? -1;
    return [
      label,
      ...[t.cells_total[row], t.cells_passing[row], t.cells_sampled[row]].map(count),
      ...measures.flatMap(({ matrix, closest }) => {
        if (i < 0) return ['', ''];
        const other = closest[i];
        return [
          value(matrix.median[i * n + i]),
          other < 0
            ? ''
            : html`${value(matrix.median[i * n + other])}<small>${fit(matrices.types[other], 220, 12)}</small>`,
        ];
      }),
    ];
  });
  const number = (title: string) => ({ title, number: true });
  const table = dataTable(
    'Cells of each type; for each measure, the median within the type and with the closest other type',
    [
      { title: 'type' },
      number('cells'),
      number('pass'),
      number('sampled'),
      ...measures.flatMap(({ name }) => [number(`${name}: within`), { title: `${name}: closest other` }]),
    ],
    rows,
  );
  return html`<details${n <= 12 ? html` open` : null}><summary>Table of all ${plural(t.label.length, 'type')}</summary>
${table}</details>`;
}

export function caveatSection(data: ReportData, types: readonly string[]): Html {
  // If the report of the dataset is available, its notes name nearly equal labels, with a remedy.
  const twins = data.told === undefined ? nearlyEqualLabels(types) : [];
  const notes = caveats(
    data.measures,
    data.embeddings.map(({ info }) => info.method),
  );
  const inOrder = data.embeddings.filter(({ info }) => info.inOrder === true);
  return html`${inOrder.map(
    ({ info }) =>
      html`<p class="note">The file of <strong>${info.name}</strong> has no cell ids: its rows were taken for all cells of the dataset in their order, as the config says. In another order every number about it is wrong.</p>\n`,
  )}${
    data.told !== undefined &&
    html`<p>${datasetLines(data.told).map((line) => html`${line}. `)}</p>
${data.told.notes.map((text) => html`<p class="note">${text}.</p>\n`)}`
  }${
    twins.length > 0 &&
    html`<p class="note"><strong>Some labels differ only in case, spaces or punctuation</strong> and are likely one type under two names: ${twins.map(
      (group, i) => html`${i > 0 ? '; ' : ''}${group.map((label) => `“${label}”`).join(' and ')}`,
    )}. Pairs between them count as between types.</p>`
  }
<dl class="terms">
${notes.map(({ title, text }) => html`<dt>${title}</dt><dd>${text}</dd>\n`)}</dl>`;
}

export function settingSection(data: ReportData): Html {
  return html`<p>All that can change a number on this page; <code>run.json</code> holds the whole record.</p>
${dataTable(
  'Settings of this study',
  [{ title: 'part' }, { title: 'setting' }, { title: 'value' }],
  data.settings.map(({ section, name, value }) => [section, name, value]),
)}`;
}

export function fileSection(figures: readonly Figure[]): Html {
  return html`<p>Every figure as a file of its own:</p>
<ul>
${figures.map(
  ({ name, title }) =>
    html`<li>${title}: <a href="figures/${name}.svg">SVG</a>, <a href="figures/${name}.png">PNG</a></li>\n`,
)}</ul>`;
}

const sum = (values: Iterable<number>) => {
  let total = 0;
  for (const v of values) total += v;
  return total;
};

function median(values: Float64Array): number {
  const sorted = values.filter((v) => !Number.isNaN(v)).sort();
  const n = sorted.length;
  return n === 0 ? Number.NaN : (sorted[(n - 1) >> 1] + sorted[n >> 1]) / 2;
}
