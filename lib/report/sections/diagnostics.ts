/** Section of the page on reasons: what each encoding leaves out, ties or leaves to chance, and what explains it. */
import { fixed, percent } from '../drawing/text.ts';
import type { ReportData } from '../page/data.ts';
import { dataTable, type Html, html } from '../page/html.ts';

type Diagnostics = NonNullable<ReportData['diagnostics']>;

/** Numbers of a row that describes all cells, pairs or types. */
interface Diagnostic {
  readonly value: number;
  readonly median: number;
}

const number = (title: string) => ({ title, number: true });

export function whySection(table: Diagnostics): Html {
  const rows = new Map<string, Diagnostic>();
  for (let i = 0; i < table.diagnostic.length; i++) {
    if (table.scope[i] === 'type') continue;
    const key = keyOf(table.encoding[i], table.diagnostic[i], table.scope[i]);
    rows.set(key, { value: table.value[i], median: table.median[i] });
  }
  const encodings = [...new Set(table.encoding)];
  const value = (encoding: string, diagnostic: string, scope: string) =>
    rows.get(keyOf(encoding, diagnostic, scope))?.value ?? Number.NaN;
  const median = (encoding: string, diagnostic: string) =>
    rows.get(keyOf(encoding, diagnostic, 'cells'))?.median ?? Number.NaN;
  const has = (diagnostic: string) =>
    encodings.some((encoding) => !Number.isNaN(value(encoding, diagnostic, 'cells')));

  const omissions = dataTable(
    'What is left out',
    [
      { title: 'encoding' },
      number('genes not read'),
      number('counts not read'),
      number('genes cut'),
      number('counts cut'),
      number('cells that lose genes'),
    ],
    encodings.map((encoding) => [
      encoding,
      percent(value(encoding, 'unread_genes', 'pooled')),
      percent(value(encoding, 'unread_counts', 'pooled')),
      percent(value(encoding, 'cut_genes', 'pooled')),
      percent(value(encoding, 'cut_counts', 'pooled')),
      percent(value(encoding, 'truncated', 'cells')),
    ]),
  );
  const medians = has('median_kendall');
  const chance = has('redrawn');
  const order = dataTable(
    'What decides the order',
    [
      { title: 'encoding' },
      number('ties before'),
      number('ties in the encoding'),
      ...(medians ? [number('order kept by medians, Kendall’s τ'), number('Spearman’s ρ')] : []),
      ...(chance ? [number('genes that another seed changes'), number('Spearman’s ρ of two seeds')] : []),
    ],
    encodings.map((encoding) => [
      encoding,
      percent(value(encoding, 'tie_mass', 'pooled')),
      percent(value(encoding, 'tie_mass_encoded', 'pooled')),
      ...(medians
        ? [fixed(median(encoding, 'median_kendall'), 2), fixed(median(encoding, 'median_spearman'), 2)]
        : []),
      ...(chance
        ? [percent(value(encoding, 'redrawn', 'pooled')), fixed(median(encoding, 'redrawn_spearman'), 2)]
        : []),
    ]),
  );
  const magnitude = dataTable(
    'How well counts can be recovered',
    [
      { title: 'encoding' },
      number('R² in a cell (median)'),
      number('R², one line for all cells'),
      number('R² with the genes that were cut'),
    ],
    encodings.map((encoding) => [
      encoding,
      fixed(median(encoding, 'inverse_r2'), 3),
      fixed(value(encoding, 'inverse_r2', 'pooled'), 3),
      fixed(value(encoding, 'inverse_r2_detected', 'pooled'), 3),
    ]),
  );
  return html`<p>An encoding can only lose what it leaves out, makes equal, puts in another order, or leaves to chance. This is how much of each there is.</p>
${omissions}
<p class="muted"><em>Not read</em>: genes with a count that the encoding does not look at (not highly variable, not in its vocabulary). <em>Cut</em>: genes that it reads but has no number for (beyond the end of a list, in the bin of zeros, not drawn). Shares of all cells together.</p>
${order}
<p class="muted">Ties are the share of pairs of a cell’s detected genes that are equal. Where there are fewer in the encoding than before, the order of columns or chance decided; where there are more, the encoding made genes equal. ${medians && 'Geneformer divides by the median of each gene: τ and ρ compare the order before and after, 1 being the same order (median over cells). '}${chance && 'Two seeds: the same cells, encoded again.'}</p>
${magnitude}
<p class="muted">A straight line from the place in the order (its logarithm), or from the encoded number, back to log10(1 + counts per 10,000): 1 is all of it, 0 no better than the mean, and below 0 worse than that. In the last column genes that were cut are taken for 0.</p>
${pairTable(encodings, value)}`;
}

/** Returns the table of pairs; null if no encoding has pair diagnostics by detected genes. */
function pairTable(
  encodings: readonly string[],
  value: (encoding: string, diagnostic: string, scope: string) => number,
): Html | null {
  const within = (encoding: string, diagnostic: string) => value(encoding, diagnostic, 'pairs_within');
  const known = encodings.filter((encoding) => !Number.isNaN(within(encoding, 'spearman_ochiai_r2')));
  if (known.length === 0) return null;
  const table = dataTable(
    'What Spearman sees of a pair of cells',
    [
      { title: 'encoding' },
      number('AUROC of Spearman'),
      number('detected genes only'),
      number('over the union'),
      number('over the intersection'),
      number('explained by overlap'),
      number('explained by sparsity'),
      number('ρ(sparsity, similarity to own type)'),
    ],
    known.map((encoding) => [
      encoding,
      ...['spearman', 'ochiai', 'spearman_union', 'spearman_intersection'].map((measure) =>
        fixed(value(encoding, `${measure}_auroc`, 'pairs'), 3),
      ),
      percent(within(encoding, 'spearman_ochiai_r2')),
      percent(within(encoding, 'spearman_sparsity_r2')),
      fixed(value(encoding, 'sparsity_similarity', 'types_within'), 2),
    ]),
  );
  return html`${table}
<p>${blur(known, within)}</p>
<p class="muted">AUROC: how often a same-type pair is more similar than a different-type pair, by Spearman over all genes, by the overlap of detected genes alone, and by Spearman over the genes that at least one of the cells has, or both have. <em>Explained</em>: share of the variance of Spearman within types, each type centred on its mean. Last column: Spearman’s ρ, over the cells of a type, between their share of zeros and their mean similarity to the others of the type; mean over types. Below 0, sparser cells are less similar. Computed on some cells of each type, in equal shares.</p>
`;
}

function blur(
  encodings: readonly string[],
  within: (encoding: string, diagnostic: string) => number,
): string {
  const range = (diagnostic: string) => {
    const shares = encodings
      .map((encoding) => within(encoding, diagnostic))
      .filter((share) => !Number.isNaN(share));
    const [least, most] = [percent(Math.min(...shares), 0), percent(Math.max(...shares), 0)];
    return shares.length === 0 ? 'an unknown share' : least === most ? least : `${least} to ${most}`;
  };
  return (
    `Pairs of one type differ in how alike they are. Which genes happen to be detected in both explains ` +
    `${range('spearman_ochiai_r2')} of that; how sparse the two cells are explains ${range('spearman_sparsity_r2')}.`
  );
}

const keyOf = (...parts: string[]) => JSON.stringify(parts);
