/** Report as one HTML page, without scripts, fonts or other external resources. */
import { inlineSvg } from './drawing/picture.ts';
import { plural } from './drawing/text.ts';
import type { Figure } from './figure.ts';
import type { ReportData } from './page/data.ts';
import { Html, html } from './page/html.ts';
import { STYLE } from './page/style.ts';
import { typeMatrices } from './page/type-pairs.ts';
import { whySection } from './sections/diagnostics.ts';
import { encodingsSection } from './sections/encodings.ts';
import {
  agreementSection,
  caveatSection,
  factSection,
  fileSection,
  measureSection,
  separationSection,
  settingSection,
  typeSection,
} from './sections/page-sections.ts';
import { puritySection } from './sections/purity.ts';
import { robustnessSection } from './sections/robustness.ts';

/** Renders the page. `figures` are in the order of their numbers. */
export function renderPage(data: ReportData, figures: readonly Figure[]): string {
  const matrices = typeMatrices(data);
  const numbered = figures.map((figure, i) => ({ figure, markup: figureBlock(figure, i + 1) }));
  const of = (...sections: Figure['section'][]) =>
    numbered.filter(({ figure }) => sections.includes(figure.section)).map(({ markup }) => markup);
  const sections: { id: string; title: string; body: Html }[] = [
    { id: 'measures', title: 'What was measured', body: measureSection(data) },
    {
      id: 'separation',
      title: 'Within and between types',
      body: html`${separationSection(data)}${of('distribution')}`,
    },
    ...(data.cutoffs.cutoff.length > 0 || data.neighborPurity.k.length > 0
      ? [
          {
            id: 'relations',
            title: 'The cells that are most alike',
            body: html`${of('relations')}${puritySection(data)}`,
          },
        ]
      : []),
    ...(data.encodings !== undefined && data.encodings.encoding.length > 0
      ? [
          {
            id: 'encodings',
            title: 'What each encoding keeps',
            body: html`${of('encodings')}${encodingsSection(data)}`,
          },
        ]
      : []),
    ...(data.jointPairs.length > 0
      ? [
          {
            id: 'joint',
            title: 'Do two measures agree?',
            body: html`${of('joint', 'medians')}${agreementSection(data)}`,
          },
        ]
      : []),
    ...(data.diagnostics === undefined
      ? []
      : [{ id: 'why', title: 'Why: what each encoding loses', body: whySection(data.diagnostics) }]),
    ...(data.perturbations === undefined
      ? []
      : [
          {
            id: 'robustness',
            title: 'Robustness',
            body: robustnessSection(data.perturbations),
          },
        ]),
    {
      id: 'types',
      title: 'Type by type',
      body: html`${of('types')}${typeSection(data, matrices)}`,
    },
    { id: 'heatmaps', title: 'Pairs of types', body: html`${of('heatmap')}` },
    { id: 'data', title: 'The data', body: html`${of('cells', 'sparsity', 'embedding')}` },
    {
      id: 'notes',
      title: 'What the numbers are, and what they are not',
      body: caveatSection(data, matrices.types),
    },
    { id: 'settings', title: 'Settings', body: settingSection(data) },
    { id: 'files', title: 'Files', body: fileSection(figures) },
  ];

  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="rankloom">
<title>${data.title}</title>
<style>
${new Html(STYLE)}
</style>
</head>
<body>
<header>
<h1>${data.title}</h1>
<p class="lede">How much of what makes cells alike survives an encoding? Here ${plural(data.measures.length, 'measure')} of likeness ${data.measures.length === 1 ? 'is' : 'are'} taken between all pairs of the same cells, within and between ${plural(matrices.types.length, 'cell type')}.</p>
${data.description === null ? null : html`<p>${data.description}</p>`}
${
  data.simulated &&
  html`<p class="note"><strong>These cells are simulated.</strong> They show that everything works, not how real cells behave.</p>`
}
<nav aria-label="Contents"><ul>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
</header>
<main>
${factSection(data, matrices)}
${sections.map(
  ({ id, title, body }) => html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${body}
</section>
`,
)}
</main>
<footer>Made by rankloom. The tables behind this page lie beside it; their columns are described in the project’s docs/outputs.md.</footer>
</body>
</html>
`.markup;
}

function figureBlock(figure: Figure, number: number): Html {
  const wide = figure.width > 800 && new Html(' class="wide"');
  return html`<figure id="figure-${number}"${wide}>
<div class="scroll">${new Html(inlineSvg(figure))}</div>
<figcaption><b>Figure ${number}.</b> ${figure.caption} <span class="files"><a href="figures/${figure.name}.svg">SVG</a> · <a href="figures/${figure.name}.png">PNG</a></span></figcaption>
</figure>
`;
}
