/**
 * Metadata of a matrix (genes, layout, meaning of values): typed, checked when a file is written, required when it is
 * read.
 */
import { dataError } from '../../errors.ts';

export interface MatrixMetadata {
  /** Genes, or dimensions, that take part; zeros count, also in columns that no cell uses. */
  readonly genesUsed: number;
  /** `sparse`: columns are genes. `dense`: columns are dimensions, of either sign, and nearly all of them stored. */
  readonly layout: 'sparse' | 'dense';
  /** Meaning of a number. */
  readonly value: string;
}

const LAYOUTS: readonly string[] = ['sparse', 'dense'] satisfies MatrixMetadata['layout'][];

/** Metadata as entries of a file's notes, whose values are texts. */
type Entries = { readonly genes_used: string; readonly layout: string; readonly value: string };

/**
 * Notes of a file: the metadata of its matrix, and the other notes of its writer.
 *
 * @throws if the metadata cannot be of a matrix of so many columns, or a note has the name of one of them
 */
export function encodeMetadata(
  metadata: MatrixMetadata,
  columns: number,
  notes: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const { genesUsed, layout, value } = metadata;
  const problem = !isCount(genesUsed)
    ? `genesUsed is ${genesUsed}, expected a whole number of at least 0`
    : !LAYOUTS.includes(layout)
      ? `layout is ${JSON.stringify(layout)}, expected ${expectedLayout}`
      : layout === 'dense' && genesUsed !== columns
        ? `${genesUsed} dimensions take part, and there are ${columns} columns`
        : typeof value !== 'string' || value === ''
          ? `value is ${JSON.stringify(value)}, expected what a number means`
          : undefined;
  if (problem !== undefined) throw new Error(`matrix, metadata: ${problem}`);
  const entries: Entries = { genes_used: String(genesUsed), layout, value };
  const twice = Object.keys(notes).find((name) => Object.hasOwn(entries, name));
  if (twice !== undefined) throw new Error(`matrix, notes: "${twice}" is said by the metadata`);
  return { ...notes, ...entries };
}

/**
 * Metadata of a matrix and the other notes of its file.
 *
 * @param path for errors
 * @throws a data error if an entry is missing, or is none that `encodeMetadata` writes
 */
export function decodeMetadata(
  all: Readonly<Record<string, string>>,
  path: string,
): { metadata: MatrixMetadata; notes: Readonly<Record<string, string>> } {
  const { genes_used: genesUsed, layout, value, ...notes } = all;
  if (genesUsed === undefined || !/^\d+$/.test(genesUsed) || !isCount(Number(genesUsed))) {
    throw refusal('genes_used', genesUsed, 'how many genes take part, a whole number', path);
  }
  if (layout !== 'sparse' && layout !== 'dense') throw refusal('layout', layout, expectedLayout, path);
  if (value === undefined || value === '') throw refusal('value', value, 'what a number means', path);
  return { metadata: { genesUsed: Number(genesUsed), layout, value }, notes };
}

const isCount = (value: number) => Number.isSafeInteger(value) && value >= 0;
const expectedLayout = "'sparse' for genes or 'dense' for dimensions";

const refusal = (name: keyof Entries, found: string | undefined, expected: string, where: string) =>
  dataError(
    `the notes of the matrix say ${found === undefined ? `no ${name}` : `${name} is ${JSON.stringify(found)}`}`,
    { expected: `${name}: ${expected}`, where, hint: 'Write the file again with this version of rankloom.' },
  );
