/** Suggested config for a file, with the reason for each choice. */
import { areStable } from '../../cells/gene-ids.ts';
import { HVG_DEFAULTS } from '../../cells/hvg/options.ts';
import { SUBSET_DEFAULTS } from '../../cells/subset-options.ts';
import { isNamedLikeBatch, isNamedLikeLabel } from '../readers/h5ad/column-names.ts';
import type { Inspection } from '../readers/inspection.ts';

export interface Suggestion {
  readonly config: SuggestedConfig;
  /** Reasons by key: one sentence for each choice that departs from the default or that the file decided. */
  readonly reasons: Readonly<Record<string, string>>;
  /** Obstacle to a study of the file with this config; absent if there is none. */
  readonly problem?: Problem;
}

export interface Problem {
  readonly message: string;
  readonly expected: string;
  readonly hint: string;
}

export interface SuggestedConfig {
  readonly seed: number;
  readonly dataset: {
    readonly source: string;
    readonly matrix: string;
    readonly label: string;
    readonly batch?: string;
    readonly geneId: string;
    readonly geneIdVersions?: 'strip';
  };
  readonly subset: {
    readonly minGenes: number;
    readonly minCounts: number;
    readonly maxMitoPercent: number | null;
    readonly minCellsPerGene: number;
    readonly minCellsPerType: number;
    readonly cellsPerType: number;
  };
  readonly hvg: { readonly flavor: 'annotated' | 'seurat' | 'none'; readonly top?: number };
}

const { minGenes: MIN_GENES, maxMitoPercent: MAX_MITO_PERCENT } = SUBSET_DEFAULTS;
/** Number of genes up to which a file likely holds a selection only. */
const FEW_GENES = 3000;
const TYPE_SIZES = [SUBSET_DEFAULTS.minCellsPerType, 300, 200, 150, 100, 50, 30, 20, 10, 5];

export function suggestConfig(i: Inspection): Suggestion {
  const reasons: Record<string, string> = {};
  const says = <T>(key: string, [value, reason]: readonly [T, string | undefined]): T => {
    if (reason !== undefined) reasons[key] = reason;
    return value;
  };
  const label = says('label', suggestLabel(i));
  const geneId = says('geneId', suggestGeneId(i));
  const strips = says('geneIdVersions', suggestVersions(i, geneId));
  const batch = says('batch', suggestBatch(i));
  const sizes = says('minCellsPerType', suggestTypeSize(i));
  const config: SuggestedConfig = {
    seed: 0,
    dataset: {
      source: i.path,
      matrix: says('matrix', suggestMatrix(i)),
      label,
      ...(batch === undefined ? {} : { batch }),
      geneId,
      ...(strips ? { geneIdVersions: 'strip' as const } : {}),
    },
    subset: {
      minGenes: says('minGenes', suggestMinGenes(i)),
      minCounts: SUBSET_DEFAULTS.minCounts,
      maxMitoPercent: says('maxMitoPercent', suggestMito(i)),
      minCellsPerGene: SUBSET_DEFAULTS.minCellsPerGene,
      minCellsPerType: sizes,
      // At least a hundred cells, for types that have as many, so that medians rest on enough pairs.
      cellsPerType: Math.max(100, sizes),
    },
    hvg: says('hvg', suggestHvg(i)),
  };
  return { config, reasons, problem: problemOf(i) };
}

/** First obstacle to a study. */
function problemOf(i: Inspection): Problem | undefined {
  if (i.counts === null) {
    return {
      message: `no matrix of the file can be read as counts: ${i.matrices.map(({ name, look, text }) => `${name}${look === null ? ':' : ''} ${text}`).join('; ') || 'there is none'}`,
      expected: 'raw counts (whole numbers, 0 or more) in X, raw/X or layers/counts',
      hint:
        i.matrices.find(({ hint }) => hint !== undefined)?.hint ??
        'Encodings are made from raw counts: write them to layers["counts"] of the file, or use the file from before normalisation.',
    };
  }
  if (i.chosenLabel === null) {
    const columns = i.labels.map((name) => {
      const info = i.obs.find((column) => column.name === name);
      const isCodes = info?.kind === 'integer' || info?.kind === 'float';
      return `${name} (${info?.distinct}${isCodes ? ' numbers' : ''})`;
    });
    const named = i.labels.find((name) => isNamedLikeLabel(name));
    const codes =
      named === undefined
        ? ''
        : `\n${named} is named like cell types, but holds numbers or a flag: LABEL=${named} (--label ${named}) takes each value for a type.`;
    return {
      message: 'which column of obs holds the cell types cannot be told by name',
      expected:
        'a column of text named like cell types, or LABEL=COLUMN by make, --label COLUMN on the command line',
      hint:
        columns.length > 0
          ? `Columns that sort cells: ${columns.join(', ')}. A column named like a batch, a flag or numbers are taken only if they are asked for.${codes}`
          : 'No column of obs sorts cells into groups: add one with the cell types to the file.',
    };
  }
  if (!i.geneIds.distinct && i.idColumns.length === 0) {
    return {
      message: 'gene ids repeat, and no column of var has an id for each gene',
      expected: 'an id for each gene that no other gene has',
      hint: 'Make them distinct in the file: adata.var_names_make_unique()',
    };
  }
  return undefined;
}

type Choice<T> = readonly [T, string | undefined];

function suggestMatrix(i: Inspection): Choice<string> {
  if (i.counts === null) return ['auto', 'No matrix could be read as counts: this will be refused.'];
  return [i.counts, i.countsReason === null ? undefined : `${i.countsReason}.`];
}

function suggestLabel(i: Inspection): Choice<string> {
  if (i.chosenLabel === null) {
    return ['cell_type', 'No column of obs could be told to be the label: this will be refused.'];
  }
  const isText = (name: string) =>
    ['categorical', 'string'].includes(i.obs.find((column) => column.name === name)?.kind ?? '');
  const others = i.labels.filter((name) => name !== i.chosenLabel && !isNamedLikeBatch(name) && isText(name));
  const said = isNamedLikeLabel(i.chosenLabel)
    ? /cluster|leiden|louvain/i.test(i.chosenLabel)
      ? 'Named like clusters; no column is named like cell types.'
      : 'Named like cell types.'
    : 'As it was asked for.';
  return [
    i.chosenLabel,
    others.length > 0
      ? `${said} Other columns that could be the label: ${others.slice(0, 4).join(', ')}.`
      : said,
  ];
}

function suggestBatch(i: Inspection): Choice<string | undefined> {
  const [batch, ...others] = i.batches.filter((name) => name !== i.chosenLabel);
  if (batch === undefined) return [undefined, undefined];
  return [
    batch,
    others.length > 0
      ? `Other columns that could be the batch: ${others.slice(0, 4).join(', ')}.`
      : undefined,
  ];
}

/** Suggests ids that mean the same gene everywhere rather than names, if they differ for all genes. */
function suggestGeneId(i: Inspection): Choice<string> {
  if (areStable(i.geneIds.kind) && i.geneIds.distinct) return ['index', undefined];
  const stable = i.idColumns.find(({ kind }) => areStable(kind));
  if (stable !== undefined) {
    const what = i.geneIds.distinct ? `has ${i.geneIds.kind}` : 'repeats';
    return [stable.name, `${stable.kind} ids, one for each gene; the index of var ${what}.`];
  }
  const [distinct] = i.idColumns;
  if (!i.geneIds.distinct) {
    if (distinct !== undefined) return [distinct.name, 'Names in the index of var repeat.'];
    return ['index', 'Names in the index of var repeat: this will be refused.'];
  }
  if (i.geneIds.kind === 'numbers' && distinct !== undefined) {
    return [distinct.name, 'The index of var is numbers.'];
  }
  return ['index', undefined];
}

function suggestVersions(i: Inspection, geneId: string): Choice<boolean> {
  const ids = geneId === 'index' ? i.geneIds : i.idColumns.find(({ name }) => name === geneId);
  if (ids?.versioned !== true) return [false, undefined];
  return [true, 'Ensembl ids with versions (ENSG00000000003.15); models know them without.'];
}

const at = (ascending: readonly number[], share: number) =>
  ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))];

function suggestMinGenes(i: Inspection): Choice<number> {
  const genes = i.depth?.detectedGenes ?? [];
  if (genes.length === 0) return [MIN_GENES, undefined];
  const failing = genes.filter((n) => n < MIN_GENES).length / genes.length;
  if (failing <= 0.1) return [MIN_GENES, undefined];
  const low = at(genes, 0.05);
  const step = low < 50 ? 5 : 10;
  return [
    Math.floor(low / step) * step,
    `The data are shallow: the median cell has ${at(genes, 0.5)} genes, and ${percent(failing)} have fewer than ${MIN_GENES}.`,
  ];
}

function suggestMito(i: Inspection): Choice<number | null> {
  const shares = i.depth?.mitoPercent ?? [];
  if (i.mitoGenes === 0)
    return [MAX_MITO_PERCENT, 'No gene is named as mitochondrial, so this limit has no effect.'];
  const failing = shares.filter((share) => share > MAX_MITO_PERCENT).length / Math.max(1, shares.length);
  if (failing <= 0.2) return [MAX_MITO_PERCENT, undefined];
  return [
    null,
    `${percent(failing)} of the cells are above ${MAX_MITO_PERCENT} %: no limit, look at them first.`,
  ];
}

/** Suggests the largest usual size at which three in four types stay, with a tenth to spare for quality control. */
function suggestTypeSize(i: Inspection): Choice<number> {
  const sizes = i.label?.groups.map(({ cells }) => cells) ?? [];
  if (sizes.length === 0) return [TYPE_SIZES[0], undefined];
  const kept = (size: number) => sizes.filter((cells) => cells * 0.9 >= size).length;
  const wanted = Math.min(sizes.length, Math.max(2, Math.ceil(0.75 * sizes.length)));
  const size = TYPE_SIZES.find((candidate) => kept(candidate) >= wanted) ?? (TYPE_SIZES.at(-1) as number);
  const at500 = kept(TYPE_SIZES[0]);
  if (size === TYPE_SIZES[0]) return [size, `${at500} of ${sizes.length} types have at least ${size} cells.`];
  return [
    size,
    `${kept(size)} of ${sizes.length} types have at least ${size} cells (at ${TYPE_SIZES[0]}: ${at500}).${leftOut(i, size)}`,
  ];
}

/** Sentence with the types that are smaller than this, by name and size. */
function leftOut(i: Inspection, size: number): string {
  const small = i.label?.groups.filter(({ cells }) => cells < size) ?? [];
  if (small.length === 0) return '';
  const named = small.slice(0, 4).map(({ group, cells }) => `${group} (${cells})`);
  const rest = small.length - named.length;
  return ` Left out: ${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}.`;
}

function suggestHvg(i: Inspection): Choice<SuggestedConfig['hvg']> {
  if (i.highlyVariable !== null && i.highlyVariable > 0) {
    return [{ flavor: 'annotated' }, `The file marks ${i.highlyVariable} genes as highly variable.`];
  }
  if (i.genes <= FEW_GENES)
    return [{ flavor: 'none' }, `With ${i.genes} genes there is little to select from.`];
  return [{ flavor: 'seurat', top: HVG_DEFAULTS.top }, undefined];
}

const percent = (share: number) => `${Math.round(100 * share)} %`;
