/** What is in a data file: its matrices, columns and embeddings, and which of them a study can use. */
import { statSync } from 'node:fs';
import { kindOfGeneIds } from '../../cells/gene-ids.ts';
import { labelNotes } from '../../cells/labels.ts';
import { isMitochondrial } from '../../cells/summary.ts';
import { RankloomError } from '../../errors.ts';
import { chooseMatrix } from '../readers/h5ad/choose.ts';
import { isNamedLikeLabel, likelihood, type Role } from '../readers/h5ad/column-names.ts';
import { featureNotes, frameOfRows } from '../readers/h5ad/features.ts';
import { type Column, columnTexts, type Frame, openFrame } from '../readers/h5ad/frame.ts';
import type { Hdf5File } from '../readers/h5ad/hdf5.ts';
import { unlessRefused } from '../readers/h5ad/hdf5-errors.ts';
import { areVersioned, type IdColumn, idColumns, NAME_COLUMNS, readAnnotated } from '../readers/h5ad/ids.ts';
import { judgeGroups, readGroups } from '../readers/h5ad/labels.ts';
import { type Layout, listMatrices, type Matrix } from '../readers/h5ad/matrix.ts';
import { listObsm, type ObsmArray } from '../readers/h5ad/obsm-list.ts';
import { placesOf } from '../readers/h5ad/restrict.ts';
import { lookAt } from '../readers/h5ad/sample.ts';
import { featuresOf, openAnnData } from '../readers/h5ad/source.ts';
import type { Look } from '../readers/h5ad/values.ts';
import { type Depth, sampleDepth } from './depth.ts';

export interface MatrixInfo {
  readonly name: string;
  readonly layout: Layout;
  readonly dtype: string;
  readonly rows: number;
  readonly columns: number;
  /** Share of values that are not zero; of a sample, if dense. Null if it cannot be read. */
  readonly density: number | null;
  readonly look: Look | null;
  /** What the values look like, or why they cannot be read. */
  readonly text: string;
  /** What to do if they cannot be read. */
  readonly hint?: string;
}

export interface ColumnInfo {
  readonly name: string;
  readonly kind: Column['kind'] | 'unreadable';
  readonly distinct: number;
  readonly missing: number;
  /** The first values that differ. */
  readonly examples: readonly string[];
}

export interface GroupCounts {
  readonly name: string;
  /** Groups and their cells, most cells first, then by name. */
  readonly groups: readonly { readonly group: string; readonly cells: number }[];
  readonly missing: number;
}

export interface IdInfo {
  /** For genes: 'Ensembl', 'WormBase', 'FlyBase', 'symbols', 'numbers' or 'other'. */
  readonly kind: string;
  readonly examples: readonly string[];
  readonly distinct: boolean;
  /** Most are Ensembl ids with versions, and differ without them too. */
  readonly versioned: boolean;
}

export interface Inspection {
  readonly path: string;
  readonly bytes: number;
  readonly format: string;
  readonly cells: number;
  readonly genes: number;
  readonly matrices: readonly MatrixInfo[];
  /** The matrix that 'auto' takes; null if none looks like counts. */
  readonly counts: string | null;
  /** Why that one, where there was something to choose. */
  readonly countsReason: string | null;
  /** What the user should know about the choice of the matrix and the genes. */
  readonly notes: readonly string[];
  readonly obs: readonly ColumnInfo[];
  /** Columns that can label cells, likely ones first, those of numbers last. */
  readonly labels: readonly string[];
  /** The column that the caller named, or the one whose name says that it holds cell types; null if none does. */
  readonly chosenLabel: string | null;
  /** Columns named like batches that sort cells into groups, unless they sort them as the label does. */
  readonly batches: readonly string[];
  /** Cells by the chosen label. */
  readonly label: GroupCounts | null;
  readonly var: readonly ColumnInfo[];
  readonly cellIds: IdInfo;
  readonly geneIds: IdInfo;
  /** Columns of var by which each gene has an id of its own, Ensembl ids first. */
  readonly idColumns: readonly IdColumn[];
  /** Column of var with gene symbols, if there is one. */
  readonly geneNames: string | null;
  readonly mitoGenes: number;
  readonly obsm: readonly ObsmArray[];
  /** Genes flagged in var['highly_variable']; null without that column. */
  readonly highlyVariable: number | null;
  readonly depth: Depth | null;
}

/** Columns of obs that the caller knows; without them they are guessed. */
export interface KnownColumns {
  readonly label?: string;
  readonly batch?: string;
}

/**
 * Looks into a file. What cannot be read in it is said in the result.
 * Errors: a file of another kind; a known column that is not there or cannot play its role.
 */
export async function inspectFile(path: string, known: KnownColumns = {}): Promise<Inspection> {
  const file = await openAnnData(path);
  try {
    return inspectAnnData(file, statSync(path).size, known);
  } finally {
    file.close();
  }
}

function inspectAnnData(file: Hdf5File, bytes: number, known: KnownColumns): Inspection {
  const stored = listMatrices(file);
  const places = (matrix: Matrix) =>
    placesOf(unlessRefused(() => featuresOf(file, matrix, undefined))?.rows, matrix.columns);
  const matrices = stored.map((matrix) => inspectMatrix(file, matrix, places(matrix)));
  const choice = unlessRefused(() => chooseMatrix(file, 'auto', places));
  const counts = choice?.matrix;
  const main = counts ?? stored[0];
  const obs = openFrame(file, 'obs') as Frame;
  const features = main && unlessRefused(() => featuresOf(file, main, undefined));
  const genes = frameOfRows(
    openFrame(file, main?.var ?? 'var') ?? (openFrame(file, 'var') as Frame),
    features?.rows,
  );
  const cellIds = unlessRefused(() => obs.index()) ?? [];
  const geneIds = unlessRefused(() => genes.index()) ?? [];
  const geneNames = NAME_COLUMNS.find((name) => genes.columns.includes(name)) ?? null;
  const names = geneNames === null ? undefined : unlessRefused(() => columnTexts(genes.column(geneNames)));
  const isMito = geneIds.map((id, i) => isMitochondrial(id) || isMitochondrial(names?.[i] ?? ''));
  const columns = obs.columns.map((name) => ({ name, column: unlessRefused(() => obs.column(name)) }));
  for (const role of ['label', 'batch'] as const) {
    if (known[role] !== undefined) readGroups(file.path, obs, known[role], role);
  }
  const labels = first(known.label, rank(columns, 'label'));
  const chosenLabel = known.label ?? guessLabel(columns, labels);
  const label = columns.find(({ name }) => name === chosenLabel)?.column;
  const version = file.scalarAttribute('/', 'encoding-version');
  return {
    path: file.path,
    bytes,
    format:
      typeof version === 'string'
        ? `AnnData in HDF5, encoding ${version}`
        : 'AnnData in HDF5, before version 0.8',
    cells: main?.rows ?? cellIds.length,
    genes: main === undefined || features?.rows !== undefined ? geneIds.length : main.columns,
    matrices,
    counts: counts?.name ?? null,
    countsReason: choice?.reason ?? null,
    notes: [
      ...(choice?.notes ?? []),
      ...(features === undefined ? [] : featureNotes(features)),
      ...(label === undefined ? [] : labelNotes(columnTexts(label))),
    ],
    obs: columns.map(({ name, column }) => describeColumn(name, column)),
    labels,
    chosenLabel: chosenLabel ?? null,
    batches: first(
      known.batch,
      rank(columns, 'batch').filter(
        (name) =>
          Number.isFinite(likelihood(name, 'batch')) &&
          !isSamePartition(label, columns.find((other) => other.name === name)?.column),
      ),
    ),
    label: label === undefined ? null : countGroups(chosenLabel as string, label),
    var: genes.columns.map((name) =>
      describeColumn(
        name,
        unlessRefused(() => genes.column(name)),
      ),
    ),
    cellIds: describeIds(cellIds),
    geneIds: describeIds(geneIds),
    idColumns: idColumns(genes),
    geneNames,
    mitoGenes: isMito.filter(Boolean).length,
    obsm: listObsm(file),
    highlyVariable: unlessRefused(() => readAnnotated(genes))?.filter(Boolean).length ?? null,
    depth:
      counts === undefined
        ? null
        : (unlessRefused(() => sampleDepth(file, counts, isMito, places(counts))) ?? null),
  };
}

function inspectMatrix(file: Hdf5File, matrix: Matrix, place: Int32Array | undefined): MatrixInfo {
  const { name, layout, dtype, rows, columns } = matrix;
  const about = { name, layout, dtype, rows, columns };
  const isEmpty = matrix.problem === undefined && (rows === 0 || columns === 0);
  if (isEmpty) return { ...about, density: null, look: null, text: 'is empty' };
  try {
    const { look, text, density } = lookAt(file, matrix, place);
    const share = matrix.stored === undefined ? density : matrix.stored / (rows * columns);
    return { ...about, density: share, look, text };
  } catch (error) {
    if (!(error instanceof RankloomError)) throw error;
    return { ...about, density: null, look: null, text: error.message, hint: error.hint };
  }
}

type NamedColumn = { name: string; column: Column | undefined };

/**
 * The column that is taken for the cell types if nobody names one: of text, with a name that says so. A column
 * named like a batch, a flag or numbers are never guessed.
 */
function guessLabel(columns: readonly NamedColumn[], ranked: readonly string[]): string | undefined {
  const kinds = new Map(columns.map(({ name, column }) => [name, column?.kind]));
  return ranked.find(
    (name) => isNamedLikeLabel(name) && ['categorical', 'string'].includes(kinds.get(name) ?? ''),
  );
}

/** Columns that can play the role and have at least two groups: by name, then text before flags, then file order. */
function rank(columns: readonly NamedColumn[], role: Role): string[] {
  const place = ({ name, column }: NamedColumn) => {
    const isNumeric = column?.kind === 'integer' || column?.kind === 'float';
    const last = column?.kind === 'boolean' || (role === 'label' && isNumeric);
    return Math.min(likelihood(name, role), 1000) + (last ? 1000 : 0);
  };
  return columns
    .filter(({ column }) => {
      if (column === undefined) return false;
      const { distinct, problem } = judgeGroups(column, role);
      return problem === undefined && distinct >= 2;
    })
    .sort((a, b) => place(a) - place(b))
    .map(({ name }) => name);
}

/** True if two columns sort the cells alike under other names: then one is no batch of the other's types. */
function isSamePartition(a: Column | undefined, b: Column | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  const [textsA, textsB] = [columnTexts(a), columnTexts(b)];
  const pairs = new Set(textsA.map((text, i) => JSON.stringify([text, textsB[i]]))).size;
  return pairs === new Set(textsA).size && pairs === new Set(textsB).size;
}

/** The names with the known one, if there is one, in front. */
const first = (known: string | undefined, names: readonly string[]): string[] =>
  known === undefined ? [...names] : [known, ...names.filter((name) => name !== known)];

function describeColumn(name: string, column: Column | undefined): ColumnInfo {
  if (column === undefined) return { name, kind: 'unreadable', distinct: 0, missing: 0, examples: [] };
  const texts = columnTexts(column);
  const distinct = new Set(texts);
  distinct.delete(null);
  const examples = [...distinct].slice(0, 3) as string[];
  return {
    name,
    kind: column.kind,
    distinct: distinct.size,
    missing: texts.filter((text) => text === null).length,
    examples,
  };
}

function countGroups(name: string, column: Column): GroupCounts {
  const counts = new Map<string, number>();
  let missing = 0;
  for (const text of columnTexts(column)) {
    if (text === null || text === '') missing++;
    else counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const groups = [...counts].map(([group, cells]) => ({ group, cells }));
  groups.sort((a, b) => b.cells - a.cells || (a.group < b.group ? -1 : 1));
  return { name, groups, missing };
}

function describeIds(ids: readonly string[]): IdInfo {
  return {
    kind: kindOfGeneIds(ids),
    examples: ids.slice(0, 3),
    distinct: new Set(ids).size === ids.length,
    versioned: areVersioned(ids),
  };
}
