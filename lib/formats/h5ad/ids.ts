/** Names of cells and genes: where they stand, and that they tell cells and genes apart. */
import { dataError } from '../../errors.ts';
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

/** The cells' ids: the index of obs, or a column. Must be present and differ. */
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

/**
 * The genes' ids: the index of var, or a column. A gene whose column is missing keeps its index, so that a file
 * with an Ensembl id for most genes can be used by it.
 */
export function readGeneIds(file: string, genes: Frame, geneId: string): string[] {
  const index = genes.index();
  const ids =
    geneId === 'index'
      ? index
      : columnOf(file, genes, geneId, 'dataset.geneId').map((id, i) =>
          id === null || id === '' ? index[i] : id,
        );
  const others = genes.columns.filter(
    (name) => name !== geneId && /(^|_)ids?$|ensembl|symbol|name/i.test(name),
  );
  requireDistinct(ids, (id, count, duplicates) =>
    dataError(
      `gene ids repeat: ${JSON.stringify(id)} stands ${count} times, ${duplicates} ids repeat in all`,
      {
        expected: 'an id for each gene that no other gene has',
        where: `${file}: ${genes.path}${geneId === 'index' ? '' : `/${geneId}`}`,
        hint: `Name a column of var with distinct ids in dataset.geneId${others.length > 0 ? ` (there is ${others.join(', ')})` : ''}, or make them distinct: adata.var_names_make_unique()`,
      },
    ),
  );
  return ids;
}

/**
 * Gene symbols from the first usual column of var. Without one, and if the ids come from a column, the index
 * is taken to hold the names; else the ids are all there is, and every name is null.
 */
export function readGeneNames(genes: Frame, geneId: string): (string | null)[] {
  const column = NAME_COLUMNS.find((name) => name !== geneId && genes.columns.includes(name));
  if (column !== undefined)
    return columnTexts(genes.column(column)).map((name) => (name === '' ? null : name));
  const index = genes.index();
  return geneId === 'index' ? index.map(() => null) : index;
}

/** The file's own selection of highly variable genes, if var has the column `highly_variable` of booleans. */
export function readAnnotated(genes: Frame): boolean[] | undefined {
  if (!genes.columns.includes('highly_variable')) return undefined;
  const column = genes.column('highly_variable');
  // A selection with missing values, as scanpy leaves it for genes that one batch lacks, leaves these genes out.
  const chosen = columnTexts(column).map((text) => /^(true|1)$/i.test(text ?? ''));
  return chosen;
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
