/** Inspection of an .h5ad file: its matrices, columns and embeddings, and which of them a study can use. */
import { statSync } from 'node:fs';
import { kindOfGeneIds } from '../../../cells/gene-ids.ts';
import { labelNotes } from '../../../cells/labels.ts';
import { isMitochondrial } from '../../../cells/summary.ts';
import { OperationalError } from '../../../errors.ts';
import type { ColumnInfo, GroupCounts, IdInfo, Inspection, KnownColumns, MatrixInfo } from '../inspection.ts';
import { chooseMatrix } from './choose.ts';
import { isNamedLikeLabel, likelihood, type Role } from './column-names.ts';
import { sampleDepth } from './depth.ts';
import { featureNotes, frameOfRows } from './features.ts';
import { type Column, columnTexts, type Frame, openFrame } from './frame.ts';
import type { Hdf5File } from './hdf5.ts';
import { unlessRefused } from './hdf5-errors.ts';
import { areVersioned, idColumns, NAME_COLUMNS, readAnnotated } from './ids.ts';
import { judgeGroups, readGroups } from './labels.ts';
import { listMatrices, type Matrix } from './matrix.ts';
import { listObsm } from './obsm-list.ts';
import { placesOf } from './restrict.ts';
import { lookAt } from './sample.ts';
import { featuresOf, openAnnData } from './source.ts';

/**
 * Inspects a file. Parts that cannot be read are listed in the result. Throws a data error for a file of another kind,
 * and for a known column that is absent or cannot play its role.
 */
export async function inspectH5ad(path: string, known: KnownColumns = {}): Promise<Inspection> {
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
    highlyVariable: unlessRefused(() => readAnnotated(genes))?.flags?.filter(Boolean).length ?? null,
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
    if (!(error instanceof OperationalError)) throw error;
    return { ...about, density: null, look: null, text: error.message, hint: error.hint };
  }
}

type NamedColumn = { name: string; column: Column | undefined };

/**
 * Guesses the column with the cell types: a column of text whose name says so. A column named like a batch, a flag or
 * numbers are never guessed.
 */
function guessLabel(columns: readonly NamedColumn[], ranked: readonly string[]): string | undefined {
  const kinds = new Map(columns.map(({ name, column }) => [name, column?.kind]));
  return ranked.find(
    (name) => isNamedLikeLabel(name) && ['categorical', 'string'].includes(kinds.get(name) ?? ''),
  );
}

/** Ranks columns that can play the role and have at least two groups: by name, then text before flags, then file order. */
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

/** True if two columns group the cells alike under other names: then one is no batch of the other's types. */
function isSamePartition(a: Column | undefined, b: Column | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  const [textsA, textsB] = [columnTexts(a), columnTexts(b)];
  const pairs = new Set(textsA.map((text, i) => JSON.stringify([text, textsB[i]]))).size;
  return pairs === new Set(textsA).size && pairs === new Set(textsB).size;
}

/** Puts the known name, if there is one, before the others. */
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
