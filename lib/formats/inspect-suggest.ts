/** A config that fits a file, with the reason for each choice. */
import type { Inspection } from './inspect.ts';

export interface Suggestion {
  readonly config: SuggestedConfig;
  /** One sentence for each choice that departs from the default or that the file decided, by its key. */
  readonly reasons: Readonly<Record<string, string>>;
}

export interface SuggestedConfig {
  readonly seed: number;
  readonly dataset: {
    readonly source: string;
    readonly matrix: string;
    readonly label: string;
    readonly batch?: string;
    readonly geneId: string;
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

const MIN_GENES = 200;
const MAX_MITO_PERCENT = 20;
const TOP_GENES = 2000;
/** With this few genes somebody has selected already. */
const FEW_GENES = 3000;
const TYPE_SIZES = [500, 300, 200, 150, 100, 50, 30, 20, 10, 5];

export function suggestConfig(i: Inspection): Suggestion {
  const reasons: Record<string, string> = {};
  const says = <T>(key: string, [value, reason]: readonly [T, string | undefined]): T => {
    if (reason !== undefined) reasons[key] = reason;
    return value;
  };
  const label = says('label', suggestLabel(i));
  const batch = says('batch', suggestBatch(i));
  const sizes = says('minCellsPerType', suggestTypeSize(i));
  const config: SuggestedConfig = {
    seed: 0,
    dataset: {
      source: i.path,
      matrix: says('matrix', suggestMatrix(i)),
      label,
      ...(batch === undefined ? {} : { batch }),
      geneId: says('geneId', suggestGeneId(i)),
    },
    subset: {
      minGenes: says('minGenes', suggestMinGenes(i)),
      minCounts: 0,
      maxMitoPercent: says('maxMitoPercent', suggestMito(i)),
      minCellsPerGene: 3,
      minCellsPerType: sizes,
      // At least a hundred of the types that have them, so that medians stand on enough pairs.
      cellsPerType: Math.max(100, sizes),
    },
    hvg: says('hvg', suggestHvg(i)),
  };
  return { config, reasons };
}

type Choice<T> = readonly [T, string | undefined];

function suggestMatrix(i: Inspection): Choice<string> {
  if (i.counts === null) return ['auto', 'No matrix could be read as counts: this will be refused.'];
  const x = i.matrices.find(({ name }) => name === 'X');
  return [
    i.counts,
    i.counts === 'X' ? undefined : `${i.counts} looks like counts${x ? `; X ${x.text}` : ''}.`,
  ];
}

function suggestLabel(i: Inspection): Choice<string> {
  const [label, ...others] = i.labels;
  if (label === undefined) return ['cell_type', 'No column of obs can be the label: add one to the file.'];
  return [label, others.length > 0 ? `Could also be ${others.slice(0, 4).join(', ')}.` : undefined];
}

function suggestBatch(i: Inspection): Choice<string | undefined> {
  const [batch, ...others] = i.batches.filter((name) => name !== i.labels[0]);
  if (batch === undefined) return [undefined, undefined];
  return [batch, others.length > 0 ? `Could also be ${others.slice(0, 4).join(', ')}.` : undefined];
}

function suggestGeneId(i: Inspection): Choice<string> {
  if (!i.geneIds.distinct) {
    const distinct = i.var.find((column) => column.kind !== 'float' && column.distinct === i.genes);
    if (distinct !== undefined) return [distinct.name, 'Names in the index of var repeat.'];
    return ['index', 'Names in the index of var repeat: this will be refused.'];
  }
  const ensembl = i.var.find(({ examples }) => examples.some((example) => /^ENS[A-Z]*G\d{6,}/.test(example)));
  if (i.geneIds.kind !== 'Ensembl' && ensembl !== undefined) {
    return ['index', `'${ensembl.name}' has Ensembl ids, as Geneformer wants them.`];
  }
  return ['index', undefined];
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

/** The largest usual size at which three in four types stay, with a tenth to spare for quality control. */
function suggestTypeSize(i: Inspection): Choice<number> {
  const sizes = i.label?.groups.map(({ cells }) => cells) ?? [];
  if (sizes.length === 0) return [TYPE_SIZES[0], undefined];
  const kept = (size: number) => sizes.filter((cells) => cells * 0.9 >= size).length;
  const wanted = Math.min(sizes.length, Math.max(2, Math.ceil(0.75 * sizes.length)));
  const size = TYPE_SIZES.find((candidate) => kept(candidate) >= wanted) ?? (TYPE_SIZES.at(-1) as number);
  const at500 = kept(TYPE_SIZES[0]);
  if (size === TYPE_SIZES[0]) return [size, `${at500} of ${sizes.length} types have as many.`];
  return [
    size,
    `${kept(size)} of ${sizes.length} types have as many; with ${TYPE_SIZES[0]} it would be ${at500}. The smallest has ${sizes.at(-1)}.`,
  ];
}

function suggestHvg(i: Inspection): Choice<SuggestedConfig['hvg']> {
  if (i.highlyVariable !== null && i.highlyVariable > 0) {
    return [{ flavor: 'annotated' }, `The file marks ${i.highlyVariable} genes as highly variable.`];
  }
  if (i.genes <= FEW_GENES)
    return [{ flavor: 'none' }, `With ${i.genes} genes there is little to select from.`];
  return [{ flavor: 'seurat', top: TOP_GENES }, undefined];
}

const percent = (share: number) => `${Math.round(100 * share)} %`;
