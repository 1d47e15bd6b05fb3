/** Columns that sort cells into groups, labels and batches: choosing one that can, refusing one that cannot. */
import { distance } from 'fastest-levenshtein';
import { dataError, type RankloomError } from '../../errors.ts';
import { type Column, columnTexts, type Frame } from './frame.ts';

export type Role = 'label' | 'batch';

/** Names under which labels and batches are usually kept, likely ones first. Compared in lower case, without signs. */
const USUAL_NAMES: Readonly<Record<Role, readonly string[]>> = {
  label: [
    'celltype',
    'celltypes',
    'celltypefine',
    'cellontologyclass',
    'freeannotation',
    'annotation',
    'celllabel',
    'labels',
    'label',
    'strlabels',
    'bulklabels',
    'seuratannotations',
    'cellidentity',
    'cluster',
    'clusters',
    'leiden',
    'louvain',
  ],
  batch: [
    'batch',
    'donor',
    'donorid',
    'patient',
    'individual',
    'sample',
    'sampleid',
    'study',
    'dataset',
    'assay',
    'library',
    'channel',
    'plate',
    'replicate',
  ],
};

const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** How likely a column plays a role by its name: 0 is best, Infinity unknown. */
export function likelihood(name: string, role: Role): number {
  const own = plain(name);
  const exact = USUAL_NAMES[role].indexOf(own);
  if (exact >= 0) return exact;
  const part = USUAL_NAMES[role].findIndex((usual) => usual.length >= 5 && own.includes(usual));
  return part >= 0 ? 100 + part : Number.POSITIVE_INFINITY;
}

export interface Groups {
  /** Distinct groups, missing ones aside. */
  readonly distinct: number;
  /** Why the column cannot play the role; undefined if it can. */
  readonly problem?: string;
}

/** More groups than cells in two: no grouping, if it is more than a handful. */
const MANY = 50;

/**
 * Whether a column sorts cells into groups. Text, categories (also of numbers, as cluster codes are) and booleans
 * may; they must repeat. Plain numbers are refused as labels, since a measurement such as n_counts is named more
 * often by mistake than cluster codes are kept as numbers; whole numbers that repeat may tell batches apart.
 */
export function judgeGroups(column: Column, role: Role): Groups {
  const texts = columnTexts(column).map((text) => (text === '' ? null : text));
  const present = texts.filter((text) => text !== null);
  const distinct = new Set(present).size;
  const numeric = column.kind === 'integer' || column.kind === 'float';
  const repeats = distinct <= MANY || distinct * 2 <= present.length;
  if (present.length === 0) return { distinct, problem: 'is missing for every cell' };
  if (numeric && !(role === 'batch' && column.kind === 'integer' && repeats)) {
    return {
      distinct,
      problem: `is numeric (${column.kind === 'float' ? 'decimal' : 'whole'} numbers, ${distinct} distinct)`,
    };
  }
  if (distinct > 1 && distinct === present.length) {
    return { distinct, problem: `is unique per cell (${distinct} values for ${present.length} cells)` };
  }
  if (!repeats)
    return { distinct, problem: `has ${distinct} values for ${present.length} cells, nearly one per cell` };
  return { distinct };
}

/**
 * The group of each cell by a column of obs; null where it is missing or empty.
 * @throws a data error if there is no such column, or if it does not sort cells into groups
 */
export function readGroups(
  file: string,
  obs: Frame,
  name: string | undefined,
  role: Role,
): (string | null)[] {
  if (name === undefined) {
    throw refuse(file, obs, role, `no ${role} column is named`, `dataset.${role}: a column of obs`);
  }
  if (!obs.columns.includes(name)) {
    const near = obs.columns.filter((column) => isNear(name, column));
    const hint = near.length > 0 ? `Did you mean ${near.slice(0, 2).map(quote).join(' or ')}?` : undefined;
    throw refuse(file, obs, role, `obs has no column ${quote(name)}`, undefined, hint);
  }
  const column = obs.column(name);
  const { problem } = judgeGroups(column, role);
  if (problem !== undefined) {
    const isCode =
      (column.kind === 'integer' || column.kind === 'float') && !problem.startsWith('is missing');
    throw refuse(
      file,
      obs,
      role,
      `the ${role} column ${quote(name)} ${problem}`,
      `a column that sorts cells into ${role === 'label' ? 'cell types' : 'batches'}, as text or categories`,
      isCode
        ? `If the numbers are codes of groups, store them as categories: adata.obs['${name}'] = adata.obs['${name}'].astype(str).astype('category')`
        : undefined,
    );
  }
  return columnTexts(column).map((text) => (text === '' ? null : text));
}

const quote = (name: string) => JSON.stringify(name);

function isNear(wanted: string, name: string): boolean {
  const [a, b] = [plain(wanted), plain(name)];
  return a === b || distance(a, b) <= Math.max(1, Math.floor(Math.min(a.length, b.length) / 4));
}

/** An error that lists the columns there are: those that can play the role, likely ones first, then the others. */
function refuse(
  file: string,
  obs: Frame,
  role: Role,
  message: string,
  expected?: string,
  hint?: string,
): RankloomError {
  const { fitting, others } = sortColumns(obs, role);
  const lines = [
    hint,
    fitting.length > 0
      ? `Columns of obs that can be the ${role}: ${fitting.map(({ name, distinct }) => `${name} (${distinct})`).join(', ')}`
      : `No column of obs can be the ${role}.`,
    others.length > 0 ? `Others: ${others.join(', ')}` : undefined,
  ];
  return dataError(message, {
    expected,
    where: file,
    hint: lines.filter((line) => line !== undefined).join('\n'),
  });
}

/** The columns that can play a role, likely ones first, and those that cannot. */
export function sortColumns(
  obs: Frame,
  role: Role,
): { fitting: { name: string; distinct: number }[]; others: string[] } {
  const fitting: { name: string; distinct: number }[] = [];
  const others: string[] = [];
  for (const name of obs.columns) {
    let groups: Groups;
    try {
      groups = judgeGroups(obs.column(name), role);
    } catch {
      // A column that cannot be read at all is none to offer.
      others.push(name);
      continue;
    }
    if (groups.problem === undefined) fitting.push({ name, distinct: groups.distinct });
    else others.push(name);
  }
  const place = (name: string) => Math.min(likelihood(name, role), 1e6);
  fitting.sort((a, b) => place(a.name) - place(b.name));
  return { fitting, others };
}
