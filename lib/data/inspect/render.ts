/** Text of an inspection for people, at most 100 columns wide, and a config to start from. */
import { basename } from 'node:path';
import type { ColumnInfo, IdInfo, Inspection } from '../readers/inspection.ts';
import { suggestConfig } from './suggest.ts';

const WIDTH = 100;

/** Text on the content of the file. */
export function renderInspection(i: Inspection): string {
  const lines = [
    i.path,
    `  ${i.format}, ${size(i.bytes)}, ${number(i.cells)} cells × ${number(i.genes)} genes`,
    '',
    'Matrices',
    ...matrixLines(i),
    i.counts !== null
      ? '  * read as the counts (matrix: auto)'
      : i.matrices.some(({ look }) => look === null)
        ? '  Which matrix holds the counts cannot be told.'
        : '  No matrix looks like counts: rankloom needs raw counts.',
  ];
  if (i.matrices.length === 0) lines.splice(4, lines.length, '  none: there is no X, no raw/X and no layer');
  if (i.depth !== null) lines.push(...depthLines(i));
  lines.push('', 'Cells (obs)', `  ids: ${ids(i.cellIds)}`, ...columnLines(i.obs));
  lines.push(...labelsLines(i));
  if (i.batches.length > 0) lines.push(...wrap(`can be the batch: ${i.batches.join(', ')}`, '  '));
  if (i.label !== null) lines.push(...labelLines(i));
  lines.push('', 'Genes (var)', `  ids: ${ids(i.geneIds, i.geneIds.kind)}`, ...columnLines(i.var));
  if (i.geneNames !== null) lines.push(`  names: ${i.geneNames}`);
  lines.push(`  mitochondrial (MT-, mt-): ${i.mitoGenes}`);
  if (i.highlyVariable !== null) lines.push(`  highly_variable: ${number(i.highlyVariable)}`);
  if (i.obsm.length > 0) {
    lines.push('', 'Embeddings (obsm)', ...i.obsm.map(({ name, dims }) => `  ${name}: ${dims} dimensions`));
  }
  if (i.notes.length > 0) lines.push('', 'Notes', ...i.notes.flatMap((note) => wrap(note, '  ')));
  lines.push('', ...nextLines(i));
  // Commands stay whole, to be copied.
  const isCommand = (line: string) => line.includes('python -c') || line.startsWith('Next: ');
  return `${lines.map((line) => (isCommand(line) ? line : clip(line, WIDTH))).join('\n')}\n`;
}

function matrixLines({ matrices, counts }: Inspection): string[] {
  const heads = columns(
    matrices.map(({ name, layout, dtype, density }) => [
      `  ${name}${name === counts ? ' *' : ''}`,
      `${layout} ${dtype}`,
      density === null ? '' : `${percent(density)} non-zero`,
    ]),
  );
  const width = Math.max(...heads.map((head) => head.length));
  const fits = matrices.every(({ text }) => width + 2 + text.length <= WIDTH);
  const lines = heads.flatMap((head, m) =>
    fits ? [`${head.padEnd(width)}  ${matrices[m].text}`] : [head, ...wrap(matrices[m].text, '    ')],
  );
  const hints = new Set(matrices.map(({ hint }) => hint).filter((hint) => hint !== undefined));
  return [...lines, ...[...hints].flatMap((hint) => hint.split('\n').map((line) => `  ${line}`))];
}

function depthLines({ depth }: Inspection): string[] {
  if (depth === null || depth.cells === 0) return [];
  const { detectedGenes: genes, mitoPercent: mito } = depth;
  const parts = [
    `median ${number(middle(genes))} genes and ${number(depth.medianCounts)} counts per cell`,
    `5 % of the cells have fewer than ${number(genes[Math.floor(0.05 * genes.length)])} genes`,
  ];
  if (mito.length > 0) parts.push(`median ${middle(mito).toFixed(1)} % mitochondrial`);
  return wrap(`Depth (of ${number(depth.cells)} cells): ${parts.join('; ')}`, '  ');
}

function labelsLines({ labels, chosenLabel }: Inspection): string[] {
  if (labels.length === 0) return ['  No column can label cells: rankloom needs a column of cell types.'];
  const marked = labels.map((name) => (name === chosenLabel ? `${name} (likeliest)` : name));
  const lines = wrap(`can label cells: ${marked.join(', ')}`, '  ');
  if (chosenLabel === null) {
    lines.push('  None of these is named like cell types: name the label (LABEL=, --label).');
  }
  return lines;
}

function labelLines({ label, cells }: Inspection): string[] {
  if (label === null) return [];
  const shown = label.groups.slice(0, 40);
  const rest = label.groups.length - shown.length;
  return [
    `  cells by ${label.name} (${label.groups.length})`,
    ...columns(
      shown.map(({ group, cells: n }) => [
        `    ${clip(group, 50)}`,
        number(n).padStart(9),
        percent(n / cells),
      ]),
    ),
    ...(rest > 0 ? [`    … and ${rest} more`] : []),
    ...(label.missing > 0 ? [`    without label: ${number(label.missing)}`] : []),
  ];
}

function columnLines(infos: readonly ColumnInfo[]): string[] {
  return columns(
    infos.map((info) => [
      `  ${clip(info.name, 32)}`,
      info.kind,
      `${number(info.distinct)} distinct${info.missing > 0 ? `, ${number(info.missing)} missing` : ''}`,
      info.examples.map((example) => clip(example, 24)).join(', '),
    ]),
  );
}

function ids({ examples, distinct }: IdInfo, kind = 'other'): string {
  const notes = [kind === 'other' ? '' : kind, distinct ? '' : 'they repeat'].filter((note) => note !== '');
  return `${examples.join(', ')}, …${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`;
}

/** Line with the command that makes a study of the file, or with the obstacle to one. */
function nextLines(i: Inspection): string[] {
  const { config, problem } = suggestConfig(i);
  const command = (label: string) => `Next: make all DATA=${inShell(i.path)} LABEL=${label}`;
  if (problem === undefined) {
    const { label, batch } = config.dataset;
    return [`${command(inShell(label))}${batch === undefined ? '' : ` BATCH=${inShell(batch)}`}`];
  }
  if (i.counts !== null && i.chosenLabel === null && i.labels.length > 0) {
    return [`${command('…')}`, '  with the column of the cell types for …'];
  }
  return wrap(`No study can be made of this yet: ${problem.message}. ${problem.hint.split('\n')[0]}`, '');
}

/** Quotes a word so that it can be pasted into a shell. */
function inShell(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Text of a whole config for the file, with the reasons as comments. */
export function suggestedConfigText(i: Inspection): string {
  const { config, reasons } = suggestConfig(i);
  const { dataset, subset, hvg } = config;
  const lines: string[] = [
    '// A config that fits the data, suggested by rankloom. Every line may be changed.',
    'export default {',
    `  seed: ${config.seed},`,
    '',
    '  dataset: {',
    `    source: ${quote(dataset.source)},`,
    ...entry('    ', 'matrix', quote(dataset.matrix), reasons.matrix),
    ...entry('    ', 'label', quote(dataset.label), reasons.label),
    ...(dataset.batch === undefined ? [] : entry('    ', 'batch', quote(dataset.batch), reasons.batch)),
    ...entry('    ', 'geneId', quote(dataset.geneId), reasons.geneId),
    ...(dataset.geneIdVersions === undefined
      ? []
      : entry('    ', 'geneIdVersions', quote(dataset.geneIdVersions), reasons.geneIdVersions)),
    '  },',
    '',
    '  // Which cells and genes are used. null: no limit.',
    '  subset: {',
    ...Object.entries(subset).flatMap(([key, value]) => entry('    ', key, String(value), reasons[key])),
    '  },',
    '',
    "  // Highly variable genes: 'annotated' (by the file), 'seurat', 'cell_ranger', 'seurat_v3', or 'none' (all genes).",
    ...entry(
      '  ',
      'hvg',
      `{ flavor: ${quote(hvg.flavor)}${hvg.top === undefined ? '' : `, top: ${hvg.top}`} }`,
      reasons.hvg,
    ),
    '',
    '  encodings: {',
    "    expression: { kind: 'lognorm' },",
    "    rank: { kind: 'rank' },",
    '  },',
    '',
    '  embeddings: {',
    "    expressionUmap: { method: 'umap', of: 'expression', dims: 5 },",
    ...embeddingLines(i),
    '  },',
    '',
    '  measures: {',
    "    'expression-umap': { of: 'expressionUmap', metric: 'euclidean' },",
    "    'rank-spearman': { of: 'rank', metric: 'spearman' },",
    '  },',
    '',
    '  // Joint distributions over all pairs of cells: x, then y.',
    "  joint: [['expression-umap', 'rank-spearman']],",
    '',
    '  // What the report is called.',
    `  report: { title: ${quote(basename(i.path).replace(/\.[^.]*$/, ''))} },`,
    '};',
  ];
  return `${lines.join('\n')}\n`;
}

/** Lines for the file's own embeddings, commented out. */
function embeddingLines({ obsm }: Inspection): string[] {
  if (obsm.length === 0) return [];
  return [
    '    // Embeddings that the file brings along:',
    ...obsm.map(({ name, dims }) => {
      const key = name.replace(/^X_/, '');
      return `    // ${quote(key)}: { method: 'imported', from: ${quote(`obsm/${name}`)} }, // ${dims} dimensions`;
    }),
  ];
}

function entry(indent: string, key: string, value: string, reason: string | undefined): string[] {
  const comment = reason === undefined ? [] : wrap(reason, `${indent}// `);
  return [...comment, `${indent}${key}: ${value},`];
}

const quote = (text: string) =>
  `'${text
    .replace(/[\\']/g, (sign) => `\\${sign}`)
    .replace(/\n/g, '\\n')
    .replace(/\r/g, '\\r')}'`;

/** Aligns the cells of a table: each column as wide as its widest cell. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map((row) => row[c].length)));
  return rows.map((row) =>
    row
      .map((cell, c) => cell.padEnd(widths[c]))
      .join('  ')
      .trimEnd(),
  );
}

function wrap(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.length + word.length > WIDTH && line !== indent) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}

const clip = (text: string, width: number) => (text.length <= width ? text : `${text.slice(0, width - 1)}…`);
const middle = (ascending: readonly number[]) => ascending[ascending.length >> 1];
const number = (value: number) => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
const percent = (share: number) =>
  `${share > 0 && share < 0.1 ? (100 * share).toFixed(1) : Math.round(100 * share)} %`;

function size(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
