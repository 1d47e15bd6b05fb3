/** Report for people on the cells of a dataset: which take part in the study, which do not, and why. */
import type { QcLimits, QcResult } from './qc.ts';
import type { SourceChoices } from './source.ts';

/** Content of `dataset.json`: choices made in reading the source, and numbers of cells and types that take part. */
export interface DatasetTold {
  readonly source: SourceChoices;
  readonly cells: {
    readonly total: number;
    readonly passing: number;
    readonly sampled: number;
    /** Cells that each limit drops; a cell that breaks several counts under each. */
    readonly dropped: {
      readonly minGenes: number;
      readonly minCounts: number;
      readonly maxMitoPercent: number;
    };
  };
  readonly limits: QcLimits & {
    readonly minCellsPerType: number | null;
    readonly cellsPerType: number | null;
  };
  /** Types in the study, most passing cells first. */
  readonly types: readonly TypeTold[];
  /** Types with too few passing cells. */
  readonly typesLeftOut: readonly TypeTold[];
  readonly notes: readonly string[];
}

export interface TypeTold {
  readonly label: string;
  readonly cells: number;
  readonly passing: number;
  readonly sampled: number;
}

export function tellDataset(
  source: SourceChoices,
  cells: { readonly labels: readonly (string | null)[]; readonly sampled: readonly boolean[] },
  { passing, dropped }: QcResult,
  limits: DatasetTold['limits'],
): DatasetTold {
  const byLabel = new Map<string, { label: string; cells: number; passing: number; sampled: number }>();
  for (const [i, label] of cells.labels.entries()) {
    if (label === null) continue;
    const type = byLabel.get(label) ?? { label, cells: 0, passing: 0, sampled: 0 };
    byLabel.set(label, type);
    type.cells++;
    if (passing[i]) type.passing++;
    if (cells.sampled[i]) type.sampled++;
  }
  const types = [...byLabel.values()].sort((a, b) => b.passing - a.passing || (a.label < b.label ? -1 : 1));
  const count = (flags: readonly boolean[]) => flags.reduce((sum, flag) => sum + Number(flag), 0);
  const { minGenes, minCounts, maxMitoPercent } = dropped;
  return {
    source,
    cells: {
      total: cells.labels.length,
      passing: count(passing),
      sampled: count(cells.sampled),
      dropped: { minGenes, minCounts, maxMitoPercent },
    },
    limits,
    types: types.filter(({ sampled }) => sampled > 0),
    typesLeftOut: types.filter(({ sampled }) => sampled === 0),
    notes: source.notes,
  };
}

/** Number of types that are named; the rest is only counted. */
const NAMED = 12;

/** Lines of text with the same report: what takes part, what the source was read as, what was left out and why. */
export function datasetLines(told: DatasetTold): string[] {
  const { source, cells, types, typesLeftOut, limits } = told;
  const allTypes = types.length + typesLeftOut.length;
  const lines = [
    `Cells: ${number(cells.sampled)} of ${number(cells.total)}, ${types.length} of ${allTypes} types`,
  ];
  if (source.matrix !== 'simulated') {
    const ids = source.geneId === 'index' ? 'index of var' : `var column ${source.geneId}`;
    lines.push(
      `Taken: label: ${source.label}; batch: ${source.batch ?? 'none'}; counts: ${source.matrix}; gene ids: ${ids}${source.versionsStripped ? ' without versions' : ''}`,
    );
  }
  const out: string[] = [];
  if (source.missing > 0) out.push(`${number(source.missing)} cells without a label`);
  if (source.excluded.length > 0) {
    const all = source.excluded.reduce((sum, { cells: n }) => sum + n, 0);
    out.push(
      `${number(all)} cells of labels that dataset.labels leaves out (${named(source.excluded.map(({ label, cells: n }) => [label, n]))})`,
    );
  }
  const { minGenes, minCounts, maxMitoPercent } = cells.dropped;
  if (minGenes > 0)
    out.push(`${number(minGenes)} cells with fewer than ${limits.minGenes} genes (subset.minGenes)`);
  if (minCounts > 0)
    out.push(`${number(minCounts)} cells with fewer than ${limits.minCounts} counts (subset.minCounts)`);
  if (maxMitoPercent > 0) {
    out.push(
      `${number(maxMitoPercent)} cells with more than ${limits.maxMitoPercent} % mitochondrial counts (subset.maxMitoPercent)`,
    );
  }
  if (typesLeftOut.length > 0) {
    out.push(
      `types with fewer than ${limits.minCellsPerType ?? 1} passing cells (subset.minCellsPerType): ${named(typesLeftOut.map(({ label, passing }) => [label, passing]))}`,
    );
  }
  const notDrawn = types.reduce((sum, { passing, sampled }) => sum + passing - sampled, 0);
  if (notDrawn > 0) {
    out.push(`${number(notDrawn)} cells not drawn (subset.cellsPerType ${limits.cellsPerType})`);
  }
  if (out.length > 0) lines.push(`Left out: ${out.join('; ')}`);
  for (const [type, labels] of Object.entries(source.merged)) {
    lines.push(
      `Merged: ${labels.map((label) => JSON.stringify(label)).join(', ')} are ${JSON.stringify(type)}`,
    );
  }
  return lines;
}

function named(types: readonly (readonly [string, number])[]): string {
  const shown = types.slice(0, NAMED).map(([label, cells]) => `${label} ${number(cells)}`);
  const more = types.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

const number = (value: number) => String(value).replace(/\B(?=(\d{3})+$)/g, ',');
