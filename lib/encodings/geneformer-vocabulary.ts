/** Mapping of the data's genes to Geneformer's tokens and medians. */
import { withoutVersion } from '../cells/gene-ids.ts';
import { dataError } from '../errors.ts';
import type { ExternalFile } from '../flow/stage.ts';
import { readNumbers, readStrings } from './dictionary.ts';
import type { Genes } from './encoding.ts';
import { describeGeneIds, looksLikeEnsembl, refuseMixedIds } from './gene-ids.ts';

export type GeneformerVersion = 'V1' | 'V2';

export interface Dictionaries {
  /** Ensembl id to token number; also the special tokens, whose names stand in angle brackets. */
  readonly tokens: ReadonlyMap<string, number>;
  /** Ensembl id to the median of its non-zero normalised expression. */
  readonly medians: ReadonlyMap<string, number>;
  /** Gene name to Ensembl id. */
  readonly names?: ReadonlyMap<string, string>;
  /** Ensembl id (older, or a gene's name) to the Ensembl id that the model knows. */
  readonly mapping?: ReadonlyMap<string, string>;
}

export interface GeneformerVocabulary {
  /** Home of each column: the first column with the same token, itself if it is that; −1 if it has no token. */
  readonly home: Int32Array;
  /** Token number and median of each column that is its own home. */
  readonly token: Int32Array;
  readonly median: Float64Array;
  /** Number of different tokens that the columns have. */
  readonly size: number;
  /** True if some columns share a token. */
  readonly collapses: boolean;
  /** Token numbers that open and close a cell; none in V1. */
  readonly special?: { readonly cls: number; readonly eos: number };
}

const isSpecial = (id: string) => id.startsWith('<');

/** Reads the dictionaries and checks that they belong together and to the version. */
export async function readDictionaries(
  files: Readonly<Partial<Record<string, ExternalFile>>>,
  version: GeneformerVersion,
): Promise<Dictionaries> {
  const tokens = await readNumbers(files.tokens!);
  const medians = await readNumbers(files.medians!);
  const names = files.names && (await readStrings(files.names));
  const mapping = files.mapping && (await readStrings(files.mapping));

  const versions = `tokens and medians of Geneformer ${version}`;
  const hasSpecials = tokens.has('<cls>') && tokens.has('<eos>');
  if (hasSpecials !== (version === 'V2')) {
    throw dataError(`the token dictionary ${hasSpecials ? 'has' : 'lacks'} <cls> and <eos>`, {
      where: files.tokens!.path,
      expected: `the token dictionary of Geneformer ${version}, ${version === 'V2' ? 'with' : 'without'} them`,
      hint: `give the dictionary of ${version}, or set version: '${hasSpecials ? 'V2' : 'V1'}' with its medians`,
    });
  }
  for (const [id, token] of tokens) {
    if (!Number.isInteger(token) || token < 0 || token > 0x7fffffff) {
      throw dataError(`the token dictionary has ${token} for "${id}"`, {
        where: files.tokens!.path,
        expected: 'whole token numbers from 0',
      });
    }
    if (!isSpecial(id) && !medians.has(id)) {
      throw dataError(`${id} has a token, but no median`, { where: files.medians!.path, expected: versions });
    }
  }
  for (const [id, median] of medians) {
    if (!(median > 0)) {
      throw dataError(`the median of ${id} is ${median}`, {
        where: files.medians!.path,
        expected: 'medians above 0',
      });
    }
    // V1 takes every gene with a median, so the two must agree; those of V2 cover genes without tokens.
    if (version === 'V1' && !tokens.has(id)) {
      throw dataError(`${id} has a median, but no token`, { where: files.tokens!.path, expected: versions });
    }
  }
  return { tokens, medians, names, mapping };
}

/**
 * Ensembl id by which a gene is looked up in the vocabulary, or undefined. A gene's id counts if it looks like an Ensembl
 * id; else the name dictionary is searched for its name. A mapping has the last word, as in the published tokenizer: an
 * id that it lacks is dropped, and only it can take off a version suffix.
 */
function ensemblIdOf(
  id: string,
  name: string | null,
  { names, mapping }: Pick<Dictionaries, 'names' | 'mapping'>,
): string | undefined {
  let ensembl: string | undefined = id;
  if (!looksLikeEnsembl(id) && names) {
    const called = name ?? id;
    // The name dictionary of V2 is in upper case, that of V1 as the genes are written.
    ensembl = names.get(called) ?? names.get(called.toUpperCase());
  }
  ensembl = ensembl?.toUpperCase();
  return mapping && ensembl !== undefined ? mapping.get(ensembl) : ensembl;
}

/**
 * Finds the token of each used column. Throws a data error if there is none at all, or if ids are mixed that no
 * dictionary joins.
 */
export function matchVocabulary(genes: Genes, dictionaries: Dictionaries): GeneformerVocabulary {
  const { tokens, medians, names, mapping } = dictionaries;
  if (names === undefined && mapping === undefined) {
    refuseMixedIds(
      genes.ids.filter((_, column) => genes.used[column] === 1),
      'set dataset.geneId to the column with Ensembl ids, or give the encoding a name dictionary (`names`)',
    );
  }
  const columns = genes.used.length;
  const home = new Int32Array(columns).fill(-1);
  const token = new Int32Array(columns);
  const median = new Float64Array(columns);
  const firstColumn = new Map<number, number>();
  let collapses = false;
  for (let column = 0; column < columns; column++) {
    if (genes.used[column] === 0) continue;
    const id = ensemblIdOf(genes.ids[column], genes.names[column], dictionaries);
    const number = id === undefined || isSpecial(id) ? undefined : tokens.get(id);
    if (number === undefined) continue;
    const first = firstColumn.get(number);
    home[column] = first ?? column;
    if (first === undefined) firstColumn.set(number, column);
    else collapses = true;
    token[column] = number;
    median[column] = medians.get(id!)!;
  }
  if (firstColumn.size === 0) throw noGeneKnown(genes, dictionaries);
  const cls = tokens.get('<cls>');
  const eos = tokens.get('<eos>');
  const special = cls === undefined || eos === undefined ? undefined : { cls, eos };
  return { home, token, median, size: firstColumn.size, collapses, special };
}

function noGeneKnown(genes: Genes, { tokens, names, mapping }: Dictionaries): Error {
  const usedIds = genes.ids.filter((_, column) => genes.used[column] === 1);
  const found = describeGeneIds(usedIds);
  const known = [...tokens.keys()].find((id) => !isSpecial(id));
  const example = usedIds.length === 0 ? '' : `, such as "${usedIds[0]}"`;
  return dataError(`none of the ${usedIds.length} genes is in the token dictionary`, {
    expected: `Ensembl gene ids, such as "${known}"`,
    where: `the gene ids of the data${example}: they look like ${found.what}`,
    hint: usedIds.some((id) => isKnownWithoutVersion(id, tokens, mapping))
      ? "without their versions the ids are known: set dataset.geneIdVersions to 'strip'"
      : found.kind === 'symbols' && names === undefined
        ? 'set dataset.geneId to the column with Ensembl ids, or give the encoding a name dictionary (`names`)'
        : 'use data and dictionaries of the same species and kind of id',
  });
}

/** Whether an id lacks nothing but the removal of its version to be known. */
function isKnownWithoutVersion(
  id: string,
  tokens: ReadonlyMap<string, number>,
  mapping: ReadonlyMap<string, string> | undefined,
): boolean {
  const bare = withoutVersion(id).toUpperCase();
  if (bare === id.toUpperCase()) return false;
  const mapped = mapping === undefined ? bare : mapping.get(bare);
  return mapped !== undefined && tokens.has(mapped);
}
