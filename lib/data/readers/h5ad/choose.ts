/** Choice of the matrix that holds the counts. */
import { dataError, OperationalError } from '../../../errors.ts';
import type { NotACount } from './counts.ts';
import { openFrame } from './frame.ts';
import type { Hdf5File } from './hdf5.ts';
import { listMatrices, type Matrix } from './matrix.ts';
import { lookAt, looksLikeCounts, type Sample } from './sample.ts';

/** Names of layers that usually hold counts, in the order in which they are tried. */
const COUNT_LAYERS = ['counts', 'raw_counts', 'count', 'raw', 'umi', 'umis', 'umi_counts'];

export interface MatrixChoice {
  readonly matrix: Matrix;
  /** Reason for the choice, where there was something to choose. */
  readonly reason?: string;
  /** Notes on the choice for the user, in sentences. */
  readonly notes: readonly string[];
}

interface Look {
  readonly matrix: Matrix;
  readonly look: Sample;
}

/**
 * Chooses the matrix that the config names. With 'auto' it takes the first of X, raw/X and the layers named like counts
 * whose sampled values look like counts; matrices of nothing but 0 and 1, or scaled and rounded, only if there is no
 * other; of several that differ, one whose name says that it holds counts goes before X.
 *
 * @param placesIn for a matrix, the place of each column among those that count; undefined: all count
 */
export function chooseMatrix(
  file: Hdf5File,
  wanted: string,
  placesIn: (matrix: Matrix) => Int32Array | undefined = () => undefined,
): MatrixChoice {
  const matrices = listMatrices(file);
  const where = file.path;
  if (matrices.length === 0) {
    throw dataError('the file holds no matrix: there is no X, no raw/X and no layer', {
      expected: 'counts of cells × genes in X, raw/X or a layer',
      where,
    });
  }
  if (wanted !== 'auto') {
    const matrix = matrices.find(({ name }) => name === wanted);
    if (matrix === undefined) {
      // An element that exists but cannot be reached throws here, with its own reason.
      file.kind(wanted);
      throw dataError(`the file has no matrix ${wanted}`, {
        expected: `one of ${matrices.map(({ name }) => name).join(', ')}, or auto`,
        where,
        hint: 'Set dataset.matrix.',
      });
    }
    return { matrix: requireCells(file, matrix), notes: [] };
  }
  const looks: Look[] = [];
  let unreadable: unknown;
  for (const matrix of autoOrder(matrices)) {
    try {
      looks.push({ matrix, look: lookAt(file, requireCells(file, matrix), placesIn(matrix)) });
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      unreadable ??= error;
    }
  }
  const chosen = chooseAmong(looks);
  if (chosen !== undefined) return chosen;
  throw unreadable ?? refuse(file, matrices, looks);
}

/** Looks that can be counts, the likeliest first. */
const LIKE_COUNTS = ['counts', 'rounded', 'binary'] as const;

/** Choice of 'auto' among matrices in their order; undefined if none can be counts. */
function chooseAmong(looks: readonly Look[]): MatrixChoice | undefined {
  for (const like of LIKE_COUNTS) {
    const found = looks.filter(({ look }) => look.look === like);
    if (found.length === 0) continue;
    const [first, ...others] = found;
    const better =
      first.matrix.name === 'X'
        ? others.find((other) => saysCounts(other) && isSameShape(first, other) && differ(first, other))
        : undefined;
    const taken = better ?? first;
    const { name } = taken.matrix;
    const passed = looks.filter(({ matrix, look }) => matrix !== taken.matrix && look.look !== like);
    const reasons = passed.slice(0, 3).map(({ matrix, look }) => `${matrix.name} ${look.text}`);
    const notes: string[] = [];
    for (const other of found) {
      if (other === taken) continue;
      const text = beside(taken, other);
      reasons.push(text);
      if (differ(taken, other)) {
        notes.push(`counts are read from ${name}, but ${text}: name the right one in dataset.matrix`);
      }
    }
    if (like === 'rounded')
      notes.push(`${name}, read as counts, ${taken.look.text}: these may be no raw counts`);
    return {
      matrix: taken.matrix,
      reason: reasons.length > 0 ? `${name} ${taken.look.text}; ${reasons.join('; ')}` : undefined,
      notes,
    };
  }
  return undefined;
}

/** Whether the name of a matrix says that it holds the raw counts. */
const saysCounts = ({ matrix: { name } }: Look) =>
  name === 'raw/X' || COUNT_LAYERS.includes(name.slice('layers/'.length).toLowerCase());

const isSameShape = (a: Look, b: Look) => a.matrix.columns === b.matrix.columns;

/** Whether the sampled cells have different totals; unknown, and so false, where one matrix is stored by column. */
function differ(a: Look, b: Look): boolean {
  const [own, other] = [a.look.totals, b.look.totals];
  if (own === undefined || other === undefined) return false;
  return own.some((total, i) => total !== other[i]);
}

/** Text comparing another matrix of counts with the chosen one. */
function beside(taken: Look, { matrix, look }: Look): string {
  const more = matrix.columns === taken.matrix.columns ? '' : ` of ${matrix.columns} genes`;
  if (taken.look.totals === undefined || look.totals === undefined)
    return `${matrix.name} ${look.text} too${more}`;
  if (!differ(taken, { matrix, look })) return `${matrix.name} holds the same totals${more}`;
  return `${matrix.name} ${look.text} too${more}, with other totals (median of the sampled cells ${middle(look.totals)}, not ${middle(taken.look.totals)})`;
}

const middle = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** Error with a cell and gene whose value is no count, for each matrix that was tried, and what the matrix looks like. */
function refuse(
  file: Hdf5File,
  matrices: readonly Matrix[],
  looks: readonly { matrix: Matrix; look: Sample }[],
): OperationalError {
  const findings = looks.map(({ matrix, look }) => {
    const found = look.offender && `holds ${describeOffender(file, matrix, look.offender)} and `;
    return `${matrix.name} ${found ?? ''}${look.text}`;
  });
  const others = matrices.filter((matrix) => !looks.some((tried) => tried.matrix === matrix));
  const counts = others.filter((matrix) => looksLikeCounts(file, matrix));
  if (looks.length > 0 && looks.every(({ look }) => look.look === 'empty') && counts.length === 0) {
    return dataError(
      `no counts found: ${looks.map(({ matrix }) => matrix.name).join(', ')} holds only zeros`,
      {
        expected: 'raw counts (whole numbers, 0 or more) in X, raw/X or layers/counts',
        where: file.path,
        hint: 'No cell has a count: use the file from before whatever emptied the matrix.',
      },
    );
  }
  return dataError(
    findings.length > 0
      ? `no counts found: ${findings.join('; ')}`
      : 'no counts found: there is no X and no raw/X',
    {
      expected: 'raw counts (whole numbers, 0 or more) in X, raw/X or layers/counts',
      where: file.path,
      hint:
        counts.length > 0
          ? `${counts.map(({ name }) => name).join(', ')} looks like counts: name it in dataset.matrix if these are the raw counts.`
          : 'Encodings are made from raw counts: write them to layers["counts"] of the file, or use the file from before normalisation.',
    },
  );
}

/** Text of a value that is no count: '1.62 for gene CD3D in cell AAAC-1'. */
export function describeOffender(file: Hdf5File, matrix: Matrix, offender: NotACount): string {
  const cell = openFrame(file, 'obs')?.index()[offender.row] ?? `number ${offender.row + 1}`;
  const gene = openFrame(file, matrix.var)?.index()[offender.column] ?? `number ${offender.column + 1}`;
  return `${shown(matrix, offender.value)} for gene ${gene} in cell ${cell}`;
}

function shown({ dtype }: Matrix, value: number): string {
  if (dtype === 'boolean') return 'neither FALSE nor TRUE';
  // A 32-bit float has no more than seven significant digits.
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(7)));
}

/** Order in which 'auto' tries matrices: X, then raw/X, then the layers that are named like counts. */
function autoOrder(matrices: readonly Matrix[]): Matrix[] {
  const place = ({ name }: Matrix) => {
    if (name === 'X') return 0;
    if (name === 'raw/X') return 1;
    const layer = name.slice('layers/'.length).toLowerCase();
    const known = COUNT_LAYERS.indexOf(layer);
    return known >= 0 ? 2 + known : layer.includes('count') || layer.includes('umi') ? 100 : Infinity;
  };
  return matrices
    .filter((matrix) => place(matrix) < Infinity)
    .sort((a, b) => place(a) - place(b) || (a.name < b.name ? -1 : 1));
}

function requireCells(file: Hdf5File, matrix: Matrix): Matrix {
  if (matrix.problem !== undefined) throw matrix.problem;
  if (matrix.rows > 0 && matrix.columns > 0) return matrix;
  throw dataError(`${matrix.name} is empty: ${matrix.rows} cells × ${matrix.columns} genes`, {
    expected: 'at least one cell and one gene',
    where: file.path,
  });
}
