/** Guesses what gene ids are, for matching and for messages. */
import { dataError } from '../errors.ts';

/** Ensembl gene ids: ENSG00000141510 (human), ENSMUSG00000059552 (mouse), with or without a version suffix. */
const ENSEMBL = /^ENS([A-Z]{3,4})?G\d{11}(\.\d+)?$/i;

export function looksLikeEnsembl(id: string): boolean {
  return ENSEMBL.test(id);
}

export interface GeneIdGuess {
  readonly kind: 'none' | 'human' | 'versioned' | 'other species' | 'symbols';
  /** For a sentence "they look like …". */
  readonly what: string;
}

/** What most of the ids are. */
export function describeGeneIds(ids: readonly string[]): GeneIdGuess {
  let ensembl = 0;
  let versioned = 0;
  let human = 0;
  for (const id of ids) {
    const match = ENSEMBL.exec(id);
    if (!match) continue;
    ensembl++;
    if (match[2] !== undefined) versioned++;
    if (match[1] === undefined) human++;
  }
  if (ids.length === 0) return { kind: 'none', what: 'an empty selection' };
  if (2 * ensembl < ids.length) return { kind: 'symbols', what: 'gene symbols or ids of another source' };
  if (2 * human < ensembl)
    return { kind: 'other species', what: 'Ensembl ids of a species other than human' };
  if (2 * versioned > ensembl) return { kind: 'versioned', what: 'Ensembl ids with version suffixes' };
  return { kind: 'human', what: 'human Ensembl ids' };
}

/** A kind of id that at least this share of the genes has, and so many genes, is no stray spike-in or tag. */
const MIXED = 0.1;
const FEW = 5;

/**
 * Refuses genes of which some are called by Ensembl ids and some by other names: a model that knows Ensembl ids would
 * leave out the others without a word. (The opposite is common, and no mistake: genes without a symbol.)
 */
export function refuseMixedIds(ids: readonly string[], hint: string): void {
  const ensembl = ids.filter(looksLikeEnsembl);
  const others = ids.length - ensembl.length;
  if (Math.min(ensembl.length, others) < Math.max(MIXED * ids.length, FEW)) return;
  const other = ids.find((id) => !looksLikeEnsembl(id));
  throw dataError(`the genes have mixed ids: ${ensembl.length} look like Ensembl ids, ${others} do not`, {
    expected: 'one kind of id for all genes',
    where: `the genes of the data, such as "${ensembl[0]}" and "${other}"`,
    hint,
  });
}
