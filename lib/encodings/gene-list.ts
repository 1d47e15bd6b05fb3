/** Lists of the genes that a model knows, each with the model's number for it; and matching of the data's genes with them. */
import { readFile } from 'node:fs/promises';
import { withoutVersion } from '../cells/gene-ids.ts';
import { decodeUtf8 } from '../data/files/utf8.ts';
import { dataError } from '../errors.ts';
import type { ExternalFile } from '../flow/stage.ts';
import { readNumbers } from './dictionary.ts';
import { countUsed, type Genes } from './encoding.ts';
import { describeGeneIds } from './gene-ids.ts';

/** Map of gene name (or id) to number. */
export type GeneList = ReadonlyMap<string, number>;

const EXPECTED =
  'a gene a line (.tsv, .csv or .txt; a second column `index` may number them), or a dictionary of numbers';

/**
 * Reads a list of genes: text with a gene a line, numbered from 0 or by a second column; or a dictionary, gene to number,
 * as JSON or pickle. Throws a data error for numbers that are not whole or stand twice, and for genes that stand twice.
 */
export async function readGeneList(file: ExternalFile): Promise<GeneList> {
  const { path } = file;
  const numbers = /\.(tsv|csv|txt)$/i.test(path) ? await readLines(path) : await readNumbers(file);
  const seen = new Map<number, string>();
  for (const [gene, number] of numbers) {
    if (!Number.isInteger(number) || number < 0 || number > 0x7fffffff) {
      throw dataError(`the gene list has ${number} for "${gene}"`, {
        where: path,
        expected: 'whole numbers from 0',
      });
    }
    const other = seen.get(number);
    if (other !== undefined) {
      throw dataError(`the gene list has the number ${number} for "${other}" and for "${gene}"`, {
        where: path,
        expected: 'a number of its own for each gene',
      });
    }
    seen.set(number, gene);
  }
  return numbers;
}

/** Reads a list like `readGeneList`, but requires that its numbers are the positions of a vector: all of 0 … n − 1. */
export async function readPositions(file: ExternalFile): Promise<GeneList> {
  const list = await readGeneList(file);
  for (const [gene, position] of list) {
    if (position < list.size) continue;
    throw dataError(`the gene list has ${list.size} genes, and position ${position} for "${gene}"`, {
      where: file.path,
      expected: `positions 0 to ${list.size - 1}`,
    });
  }
  return list;
}

async function readLines(path: string): Promise<Map<string, number>> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw dataError(`cannot read the gene list: ${cause.code ?? cause.message}`, {
      where: path,
      expected: EXPECTED,
      cause,
    });
  });
  const separator = /\.csv$/i.test(path) ? ',' : '\t';
  const numbers = new Map<string, number>();
  for (const [i, line] of decodeUtf8(bytes, path)
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '') continue;
    const [gene, index, more] = line.split(separator).map((field) => field.trim());
    const isHeader =
      i === 0 && (/^(gene|gene_?name|gene_?id|gene_?symbol|name|symbol)s?$/i.test(gene) || index === 'index');
    if (isHeader) continue;
    if (gene === '' || more !== undefined || index === '') {
      throw dataError('the line is not a gene of a gene list', {
        where: `${path}:${i + 1}`,
        expected: EXPECTED,
      });
    }
    if (index !== undefined && !/^\d+$/.test(index)) {
      throw dataError(`the gene list has ${index} for "${gene}"`, {
        where: `${path}:${i + 1}`,
        expected: 'whole numbers from 0, in decimal digits',
      });
    }
    if (numbers.has(gene)) {
      throw dataError(`the gene "${gene}" stands twice`, {
        where: `${path}:${i + 1}`,
        expected: 'each gene once',
      });
    }
    numbers.set(gene, index === undefined ? numbers.size : Number(index));
  }
  if (numbers.size === 0) throw dataError('the gene list is empty', { where: path, expected: EXPECTED });
  return numbers;
}

export interface GeneMatch {
  /** The model's number for each column, −1 for one that is not used or that the model does not know. */
  readonly number: Int32Array;
  /** Number of columns that have a number. */
  readonly size: number;
}

/**
 * Finds the used genes in a list, by name and else by id, letter by letter. If several columns match the same number, the
 * first has it, unless `repeats` lets each have it. Throws a data error if no gene of the data is in the list.
 */
export function matchGenes(genes: Genes, list: GeneList, path: string, repeats = false): GeneMatch {
  const number = new Int32Array(genes.used.length).fill(-1);
  const taken = new Set<number>();
  let size = 0;
  for (let column = 0; column < number.length; column++) {
    if (genes.used[column] === 0) continue;
    const name = genes.names[column];
    const found = (name === null ? undefined : list.get(name)) ?? list.get(genes.ids[column]);
    if (found === undefined || (taken.has(found) && !repeats)) continue;
    taken.add(found);
    number[column] = found;
    size++;
  }
  if (size === 0 && countUsed(genes) > 0) throw noGeneInCommon(genes, list, path);
  return { number, size };
}

function noGeneInCommon(genes: Genes, list: GeneList, path: string): Error {
  const used = genes.used.keys().filter((column) => genes.used[column] === 1);
  const columns = [...used];
  const nameOf = (column: number) => genes.names[column] ?? genes.ids[column];
  const found = describeGeneIds(columns.map(nameOf));
  const known = [...list.keys()].filter((gene) => !gene.startsWith('<'));
  const theirs = describeGeneIds(known.slice(0, 1000));
  return dataError(`none of the ${columns.length} genes is in the model's list of ${known.length}`, {
    expected: `genes such as "${known[0]}": they look like ${theirs.what}`,
    where: `the genes of the data, such as "${nameOf(columns[0])}": they look like ${found.what} (list: ${path})`,
    hint: columns.some((column) => isKnownWithoutVersion(genes.ids[column], list))
      ? "without their versions the ids are known: set dataset.geneIdVersions to 'strip'"
      : found.kind !== theirs.kind && theirs.kind === 'symbols'
        ? 'give the data a column of gene symbols (gene_symbol, gene_name or feature_name in var), or set dataset.geneId to the column that has them'
        : 'use data and list of the same species and kind of id',
  });
}

const isKnownWithoutVersion = (id: string, list: GeneList) => {
  const bare = withoutVersion(id);
  return bare !== id && list.has(bare);
};
