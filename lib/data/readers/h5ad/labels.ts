/** Columns that group cells, as labels and batches: choosing a fitting one, refusing one that cannot play the role. */
import { dataError, type OperationalError } from '../../../errors.ts';
import { isNear, likelihood, type Role } from './column-names.ts';
import { type Column, columnTexts, type Frame } from './frame.ts';

export interface Groups {
  /** Number of distinct groups, missing ones aside. */
  readonly distinct: number;
  /** Reason why the column cannot play the role; undefined if it can. */
  readonly problem?: string;
  /** True for whole numbers that can be codes of groups, if the config says that they are. */
  readonly isCodes?: boolean;
}

/** Number of groups above which a column with more than one group per two cells is no grouping. */
const MANY = 50;
/** Largest number of distinct whole numbers that can be codes of types; more are a measurement. */
const MOST_CODES = 100;

/**
 * Judges whether a column sorts cells into groups. Text, categories (also of numbers, as cluster codes are) and booleans
 * may; they must repeat. Whole numbers may tell batches apart, and types if they are few: a measurement such as n_counts
 * is refused, and a column of numbers is never taken for labels unless it is asked for (`isCodes`).
 */
export function judgeGroups(column: Column, role: Role): Groups {
  const texts = columnTexts(column).map((text) => (text === null || text.trim() === '' ? null : text));
  const present = texts.filter((text) => text !== null);
  const distinct = new Set(present).size;
  const isNumeric = column.kind === 'integer' || column.kind === 'float';
  const repeats = distinct <= MANY || distinct * 2 <= present.length;
  if (present.length === 0) return { distinct, problem: 'is missing for every cell' };
  if (isNumeric) {
    const areWhole = column.kind === 'integer' || present.every((text) => /^-?\d+(\.0)?$/.test(text));
    const few = role === 'batch' ? repeats : distinct <= MOST_CODES && distinct * 2 <= present.length;
    if (areWhole && few && !(role === 'batch' && column.kind === 'float')) return { distinct, isCodes: true };
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
 * Group of each cell by a column of obs; null where it is missing or empty.
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
      isCode && role === 'label'
        ? `If the numbers are codes of groups, store them as categories: adata.obs['${name}'] = adata.obs['${name}'].astype(str).astype('category')`
        : undefined,
    );
  }
  return columnTexts(column).map((text) => (text === null || text.trim() === '' ? null : text));
}

const quote = (name: string) => JSON.stringify(name);

/** Error that lists the existing columns: those that can play the role, likely ones first, then the others. */
function refuse(
  file: string,
  obs: Frame,
  role: Role,
  message: string,
  expected?: string,
  hint?: string,
): OperationalError {
  const { fitting, others } = sortColumns(obs, role);
  const lines = [
    hint,
    fitting.length > 0
      ? `Columns of obs that can be the ${role}: ${fitting.map(({ name, distinct, isCodes }) => `${name} (${distinct}${isCodes ? ' numbers' : ''})`).join(', ')}`
      : `No column of obs can be the ${role}.`,
    others.length > 0 ? `Others: ${others.join(', ')}` : undefined,
  ];
  return dataError(message, {
    expected,
    where: file,
    hint: lines.filter((line) => line !== undefined).join('\n'),
  });
}

interface Fitting {
  readonly name: string;
  readonly distinct: number;
  readonly isCodes: boolean;
}

/** Sorts the columns into those that can play a role, likely ones first, and those that cannot. */
function sortColumns(obs: Frame, role: Role): { fitting: Fitting[]; others: string[] } {
  const fitting: Fitting[] = [];
  const others: string[] = [];
  for (const name of obs.columns) {
    let groups: Groups;
    try {
      groups = judgeGroups(obs.column(name), role);
    } catch {
      // A column that cannot be read at all is not offered.
      others.push(name);
      continue;
    }
    if (groups.problem === undefined) {
      fitting.push({ name, distinct: groups.distinct, isCodes: groups.isCodes === true });
    } else others.push(name);
  }
  const place = ({ name, isCodes }: Fitting) =>
    Math.min(likelihood(name, role), 1e6) + (isCodes && role === 'label' ? 1e7 : 0);
  fitting.sort((a, b) => place(a) - place(b));
  return { fitting, others };
}
