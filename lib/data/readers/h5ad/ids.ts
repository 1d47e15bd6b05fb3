/** Ids and names of cells and genes: reads them, and checks that ids are distinct. */
import {
  areRunningNumbers,
  areStable,
  countVersioned,
  kindOfGeneIds,
  withoutVersion,
} from '../../../cells/gene-ids.ts';
import { dataError } from '../../../errors.ts';
import { columnTexts, type Frame } from './frame.ts';

/** Columns of var that hold gene symbols beside the ids, in the order in which they are tried. */
export const NAME_COLUMNS = [
  'gene_symbol',
  'gene_symbols',
  'gene_name',
  'gene_names',
  'feature_name',
  'gene_short_name',
  'symbol',
  'hgnc_symbol',
  'SYMBOL',
  'GeneName',
];

/** Reads the cells' ids: the index of obs, or a column. They must be present and differ. */
export function readCellIds(file: string, obs: Frame, column: string | undefined): string[] {
  const ids = column === undefined ? obs.index() : columnOf(file, obs, column, 'dataset.cellId');
  const missing = ids.findIndex((id) => id === null || id === '');
  if (missing >= 0) {
    throw dataError(`cell ${missing + 1} has no id`, { where: `${file}: ${obs.path}` });
  }
  requireDistinct(ids as string[], (id, count, duplicates) =>
    dataError(
      `cell ids repeat: ${JSON.stringify(id)} stands ${count} times, ${duplicates} ids repeat in all`,
      {
        expected: 'an id for each cell that no other cell has',
        where: `${file}: ${obs.path}`,
        hint: 'Name a column of obs with distinct ids in dataset.cellId, or make them distinct: adata.obs_names_make_unique()',
      },
    ),
  );
  return ids as string[];
}

export interface GeneIdOptions {
  /** Source of the ids: 'index', or a column of var. */
  readonly geneId: string;
  /** Whether the versions of Ensembl ids are taken off. */
  readonly stripVersions?: boolean;
}

/**
 * Reads the genes' ids: the index of var, or a column. A gene without a value in the column keeps its index, so that a
 * file with an Ensembl id for most genes can be used by that column. Throws data errors: no such column; one of running
 * numbers, which names nothing; ids that repeat, also once their versions are off: which of two rows is the gene cannot
 * be known.
 */
export function readGeneIds(
  file: string,
  genes: Frame,
  { geneId, stripVersions = false }: GeneIdOptions,
): string[] {
  const index = genes.index();
  const where = `${file}: ${genes.path}${geneId === 'index' ? '' : `/${geneId}`}`;
  const column = geneId === 'index' ? index : columnOf(file, genes, geneId, 'dataset.geneId');
  const ids = column.map((id, i) => (id === null || id === '' ? index[i] : id));
  if (geneId !== 'index' && areRunningNumbers(column) && !areRunningNumbers(index)) {
    throw dataError(
      `the column ${JSON.stringify(geneId)} of ${genes.path} counts the genes, and names none`,
      {
        expected: 'dataset.geneId: a column of gene ids or names',
        where,
        hint: adviceOnIds(genes, geneId),
      },
    );
  }
  requireDistinct(ids, (id, count, duplicates) =>
    dataError(
      `gene ids repeat: ${JSON.stringify(id)} stands ${count} times, ${duplicates} ids repeat in all`,
      {
        expected: 'an id for each gene that no other gene has',
        where,
        hint: adviceOnIds(genes, geneId),
      },
    ),
  );
  if (!stripVersions) return ids;
  const bare = ids.map(withoutVersion);
  requireDistinct(bare, (id, count, duplicates) =>
    dataError(
      `without their versions gene ids repeat: ${JSON.stringify(id)} is ${ids
        .filter((_, i) => bare[i] === id)
        .slice(0, 3)
        .join(' and ')}, ${count} rows; ${duplicates} such ids in all`,
      {
        expected: 'one row for each gene once versions are taken off',
        where,
        hint: "Keep the versions (dataset.geneIdVersions: 'keep'), or join or drop the repeated rows in the file: which one is the gene cannot be known from here.",
      },
    ),
  );
  return bare;
}

export interface IdColumn {
  readonly name: string;
  readonly kind: string;
  /** True if most are Ensembl ids with versions, and differ without them too. */
  readonly versioned: boolean;
}

/** Share of the genes for which a column may lack ids; these genes keep their index. */
const MISSING_IDS = { stable: 0.1, named: 0.25, other: 0 };

/** Columns of var with a distinct id for each gene, those of Ensembl ids first; no running numbers. */
export function idColumns(genes: Frame): IdColumn[] {
  const found: (IdColumn & { place: number })[] = [];
  let index: string[] | undefined;
  for (const name of genes.columns) {
    let texts: (string | null)[];
    try {
      const column = genes.column(name);
      if (column.kind === 'float' || column.kind === 'boolean') continue;
      texts = columnTexts(column);
      index ??= genes.index();
    } catch {
      continue; // an unreadable column is not offered
    }
    if (areRunningNumbers(texts)) continue;
    const missing = texts.filter((text) => text === null || text === '').length;
    const kind = kindOfGeneIds(texts);
    const isNamed = /(^|_)ids?$|ensembl|symbol|name/i.test(name);
    if (missing > MISSING_IDS[areStable(kind) ? 'stable' : isNamed ? 'named' : 'other'] * texts.length)
      continue;
    const ids = texts.map((text, i) => (text === null || text === '' ? index![i] : text));
    if (new Set(ids).size !== ids.length) continue;
    // Plain numbers may be ids (NCBI's), if their column says so.
    if (kind === 'numbers' && !/entrez|ncbi|gene_?id/i.test(name)) continue;
    const place = kind === 'Ensembl' ? 0 : isNamed ? 1 : kind === 'symbols' ? 2 : 3;
    found.push({ name, kind, versioned: areVersioned(ids), place });
  }
  return found
    .sort((a, b) => a.place - b.place)
    .map(({ name, kind, versioned }) => ({ name, kind, versioned }));
}

/** Whether most ids are Ensembl ids with versions, and all of them differ without. */
export const areVersioned = (ids: readonly string[]): boolean =>
  countVersioned(ids) * 2 > ids.length && new Set(ids.map(withoutVersion)).size === ids.length;

function adviceOnIds(genes: Frame, geneId: string): string {
  const fitting = idColumns(genes).filter(({ name }) => name !== geneId);
  const names = fitting.map(({ name, kind }) => (kind === 'Ensembl' ? `${name} (Ensembl ids)` : name));
  return fitting.length > 0
    ? `Name a column of var with distinct ids in dataset.geneId (there is ${names.join(', ')}), or make them distinct: adata.var_names_make_unique()`
    : 'No column of var has distinct ids: make them distinct: adata.var_names_make_unique()';
}

/**
 * Gene symbols from the first usual column of var. Without such a column, and if the ids come from a column, the index is
 * taken to hold the names, unless it holds ids or counts the genes; else every name is null.
 */
export function readGeneNames(genes: Frame, geneId: string): (string | null)[] {
  const column = NAME_COLUMNS.find((name) => name !== geneId && genes.columns.includes(name));
  if (column !== undefined)
    return columnTexts(genes.column(column)).map((name) => (name === '' ? null : name));
  const index = genes.index();
  const isNames = geneId !== 'index' && !areStable(kindOfGeneIds(index)) && !areRunningNumbers(index);
  return isNames ? index : index.map(() => null);
}

/** A file's own selection of highly variable genes, or why it has none that can be used; empty without such a column. */
export interface Annotated {
  readonly flags?: boolean[];
  readonly problem?: string;
}

const CHOSEN = /^(true|True|TRUE|1|1\.0)$/;
const NOT_CHOSEN = /^(false|False|FALSE|0|0\.0|)$/;

/**
 * The selection in the column `highly_variable` of var: booleans, also as numbers or words. A missing value, as scanpy
 * leaves it for genes that one batch lacks, leaves the gene out. Ranks and other words are no selection.
 */
export function readAnnotated(genes: Frame): Annotated {
  if (!genes.columns.includes('highly_variable')) return {};
  const texts = columnTexts(genes.column('highly_variable')).map((text) => text?.trim() ?? '');
  const stray = texts.find((text) => !CHOSEN.test(text) && !NOT_CHOSEN.test(text));
  if (stray === undefined) return { flags: texts.map((text) => CHOSEN.test(text)) };
  return { problem: `${genes.path}['highly_variable'] holds ${JSON.stringify(stray)}, which is no boolean` };
}

function columnOf(file: string, frame: Frame, name: string, key: string): (string | null)[] {
  if (!frame.columns.includes(name)) {
    throw dataError(`${frame.path} has no column ${JSON.stringify(name)}`, {
      expected: `${key}: a column of ${frame.path}`,
      where: file,
      hint:
        frame.columns.length > 0
          ? `There is: ${frame.columns.join(', ')}`
          : 'It has no columns, only its index.',
    });
  }
  return columnTexts(frame.column(name));
}

function requireDistinct(
  ids: readonly string[],
  refuse: (id: string, count: number, duplicates: number) => Error,
): void {
  if (new Set(ids).size === ids.length) return;
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  const repeated = [...counts].filter(([, count]) => count > 1);
  throw refuse(repeated[0][0], repeated[0][1], repeated.length);
}
