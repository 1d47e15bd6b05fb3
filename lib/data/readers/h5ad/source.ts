/** Cells from an .h5ad file, as a stream of rows. */
import { setImmediate } from 'node:timers/promises';
import type { CsrBlock } from '../../../cells/csr.ts';
import type { FileDataset } from '../../../cells/dataset.ts';
import { geneNotes } from '../../../cells/gene-ids.ts';
import { type ChosenLabels, chooseLabels, labelNotes } from '../../../cells/labels.ts';
import type { CellSource, SourceChoices } from '../../../cells/source.ts';
import { dataError } from '../../../errors.ts';
import { chooseMatrix, describeOffender, type MatrixChoice } from './choose.ts';
import { requireConsistent } from './consistency.ts';
import { countBlock, LARGEST_COUNT, type NotACount } from './counts.ts';
import { encodingOf } from './encoding.ts';
import { chooseFeatures, type FeatureChoice, featureNotes, frameOfRows } from './features.ts';
import { type Frame, openFrame } from './frame.ts';
import { Hdf5File } from './hdf5.ts';
import { unlessRefused } from './hdf5-errors.ts';
import { type Annotated, readAnnotated, readCellIds, readGeneIds, readGeneNames } from './ids.ts';
import { judgeGroups, readGroups } from './labels.ts';
import { listMatrices, type Matrix } from './matrix.ts';
import { requireAnnData, requireHdf5 } from './recognise.ts';
import { placesOf, restrictRows } from './restrict.ts';
import { storedRows } from './rows.ts';
import { lookAt, looksLikeCounts } from './sample.ts';

/** Opens an .h5ad file far enough to know that it can be used: its layout, its counts matrix, its shape. */
export async function openH5ad(path: string, options: Omit<FileDataset, 'source'>): Promise<CellSource> {
  const file = await openAnnData(path);
  try {
    return new H5adSource(file, options);
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Opens a file that must be AnnData in HDF5. The caller closes it. */
export async function openAnnData(path: string): Promise<Hdf5File> {
  requireHdf5(path);
  const file = await Hdf5File.open(path);
  try {
    requireAnnData(file);
    encodingOf(file, '/', ['anndata']);
  } catch (error) {
    file.close();
    throw error;
  }
  return file;
}

/** Opens a data frame that must be there, whole, and have one row for each cell or gene of the matrix. */
export function requireFrame(file: Hdf5File, path: string, rows: number, of = 'the matrix'): Frame {
  const frame = openFrame(file, path);
  if (frame === undefined) {
    throw dataError(`the file has no ${path}`, { where: file.path, hint: 'Write it again with anndata.' });
  }
  if (frame.rows !== rows) {
    throw dataError(`${path} has ${frame.rows} rows, ${of} asks for ${rows}`, {
      where: file.path,
      hint: 'The file is inconsistent: write it again with anndata.',
    });
  }
  frame.check();
  return frame;
}

/** Refuses a matrix of genes × cells, by its data frames. */
function requireUpright(file: Hdf5File, { name, rows, columns, var: genes }: Matrix): void {
  if (rows === columns) return;
  if (openFrame(file, 'obs')?.rows !== columns || openFrame(file, genes)?.rows !== rows) return;
  throw dataError(
    `${name} looks transposed: it has ${rows} rows for ${columns} cells, and ${columns} columns for ${rows} genes`,
    {
      expected: 'a matrix of cells × genes',
      where: file.path,
      hint: `Turn it before writing: adata.${name.replace(/^layers\/(.*)$/, 'layers["$1"]').replace('/', '.')} must be cells × genes (matrix.T.tocsr()).`,
    },
  );
}

/** Choice of the columns of a matrix that are genes. */
export function featuresOf(
  file: Hdf5File,
  matrix: Matrix,
  wanted: readonly string[] | null | undefined,
): FeatureChoice {
  const frame = openFrame(file, matrix.var);
  if (frame === undefined) return { column: null, rows: undefined, leftOut: [] };
  const fallback = matrix.var === 'var' ? undefined : openFrame(file, 'var');
  return chooseFeatures(file.path, frame, wanted, fallback);
}

class H5adSource implements CellSource {
  readonly cells: number;
  readonly genes: number;
  readonly matrix: string;
  readonly #file: Hdf5File;
  readonly #options: Omit<FileDataset, 'source'>;
  readonly #choice: MatrixChoice;
  readonly #matrix: Matrix;
  readonly #features: FeatureChoice;
  readonly #place: Int32Array | undefined;
  readonly #obs: Frame;
  readonly #var: Frame;
  #labels: ChosenLabels | undefined;

  constructor(file: Hdf5File, options: Omit<FileDataset, 'source'>) {
    const places = (matrix: Matrix) =>
      placesOf(unlessRefused(() => featuresOf(file, matrix, options.features))?.rows, matrix.columns);
    const choice = chooseMatrix(file, options.matrix, places);
    const { matrix } = choice;
    requireUpright(file, matrix);
    this.#file = file;
    this.#options = options;
    this.#choice = choice;
    this.#matrix = matrix;
    this.#obs = requireFrame(file, 'obs', matrix.rows);
    const frame = requireFrame(file, matrix.var, matrix.columns);
    this.#features = featuresOf(file, matrix, options.features);
    this.#place = placesOf(this.#features.rows, matrix.columns);
    this.#var = frameOfRows(frame, this.#features.rows);
    requireConsistent(file);
    this.cells = matrix.rows;
    this.genes = this.#features.rows?.length ?? matrix.columns;
    this.matrix = matrix.name;
  }

  async cellIds(): Promise<string[]> {
    return readCellIds(this.#file.path, this.#obs, this.#options.cellId);
  }

  async geneIds(): Promise<string[]> {
    const { geneId, geneIdVersions } = this.#options;
    return readGeneIds(this.#file.path, this.#var, { geneId, stripVersions: geneIdVersions === 'strip' });
  }

  async geneNames(): Promise<(string | null)[]> {
    return readGeneNames(this.#var, this.#options.geneId);
  }

  async labels(): Promise<(string | null)[]> {
    return this.#chosenLabels().labels;
  }

  #rawLabels(): (string | null)[] {
    return readGroups(this.#file.path, this.#obs, this.#options.label, 'label');
  }

  #chosenLabels(): ChosenLabels {
    const where = `${this.#file.path}: obs/${this.#options.label}`;
    this.#labels ??= chooseLabels(this.#rawLabels(), this.#options.labels, where);
    return this.#labels;
  }

  async batches(): Promise<(string | null)[] | undefined> {
    if (this.#options.batch === undefined) return undefined;
    return readGroups(this.#file.path, this.#obs, this.#options.batch, 'batch');
  }

  async choices(): Promise<SourceChoices> {
    const { label, batch, geneId, geneIdVersions } = this.#options;
    const { labels, missing, excluded, merged } = this.#chosenLabels();
    const isCodes = label !== undefined && judgeGroups(this.#obs.column(label), 'label').isCodes === true;
    return {
      matrix: this.matrix,
      matrixReason: this.#choice.reason ?? null,
      label: label ?? null,
      batch: batch ?? null,
      geneId,
      versionsStripped: geneIdVersions === 'strip',
      cells: this.cells,
      missing,
      excluded,
      merged,
      featuresLeftOut: this.#features.leftOut,
      annotatedProblem: this.#annotated().problem,
      notes: [
        ...this.#choice.notes,
        ...featureNotes(this.#features),
        ...(isCodes
          ? [`the labels of ${label} are numbers, which were taken as the types they may be codes of`]
          : []),
        ...labelNotes(labels),
        ...geneNotes(await this.geneIds(), await this.geneNames(), this.#options),
      ],
    };
  }

  async annotatedGenes(): Promise<boolean[] | undefined> {
    return this.#annotated().flags;
  }

  /** Selection of genes by name: with counts in raw, it usually stands in var, which may hold fewer genes. */
  #annotated(): Annotated {
    const own = readAnnotated(this.#var);
    if (own.flags !== undefined || this.#matrix.var === 'var') return own;
    const frame = openFrame(this.#file, 'var');
    const { flags, problem } = frame === undefined ? {} : readAnnotated(frame);
    if (frame === undefined || flags === undefined) return { problem: own.problem ?? problem };
    const chosen = new Set(frame.index().filter((_, i) => flags[i]));
    return { flags: this.#var.index().map((id) => chosen.has(id)) };
  }

  async *rows(signal?: AbortSignal): AsyncIterable<CsrBlock & { readonly start: number }> {
    const where = `${this.#file.path}: ${this.matrix}`;
    for (const stored of storedRows(this.#file, this.#matrix)) {
      // HDF5 reads are synchronous: without a turn of the event loop, no abort would ever arrive.
      await setImmediate();
      signal?.throwIfAborted();
      const block = restrictRows(stored, this.#place);
      const { rows } = this.#features;
      const columns = block === stored ? this.#matrix.columns : this.genes;
      const refuse = (found: NotACount) =>
        this.#refuse(block === stored ? found : { ...found, column: rows![found.column] });
      yield countBlock(block, columns, refuse, where);
    }
  }

  async close(): Promise<void> {
    this.#file.close();
  }

  /** Throws an error with the cell and gene of a value that is no count, and with other matrices that may hold counts. */
  #refuse(offender: NotACount): never {
    const { name } = this.#matrix;
    const { value } = offender;
    const own = lookAt(this.#file, this.#matrix, this.#place);
    const others = listMatrices(this.#file).filter((matrix) => matrix.name !== name);
    const counts = others.filter((matrix) => looksLikeCounts(this.#file, matrix)).map((m) => m.name);
    const tooLarge = value > LARGEST_COUNT && value === Math.floor(value);
    throw dataError(
      `${name} holds ${describeOffender(this.#file, this.#matrix, offender)}, which is not a count`,
      {
        expected: tooLarge ? `raw counts up to ${LARGEST_COUNT}` : 'raw counts: whole numbers, 0 or more',
        where: `${this.#file.path}: ${name}`,
        hint: [
          own.look === 'counts' || own.look === 'empty' ? undefined : `${name} ${own.text}.`,
          counts.length > 0
            ? `${counts.join(', ')} looks like counts: set dataset.matrix to it.`
            : 'Use the counts from before normalisation, for example as layers["counts"] of the file.',
        ]
          .filter((line) => line !== undefined)
          .join('\n'),
      },
    );
  }
}
