/** Guesses about the kind of gene ids, for matching and for messages. */
import { dataError } from '../errors.ts';

/** Ensembl gene ids: ENSG00000141510 (human), ENSMUSG00000059552 (mouse), with or without a version suffix. */
const ENSEMBL = /^ENS([A-Z]{3,4})?G\d{11}(\.\d+)?$/i;

export function looksLikeEnsembl(id: string): boolean {
  return ENSEMBL.test(id);
}

export interface GeneIdGuess {
  readonly kind: 'none' | 'human' | 'versioned' | 'other species' | 'symbols';
  /** Words for a sentence "they look like …". */
  readonly what: string;
}

/** Kind of most of the ids. */
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

/** Smallest share of the genes, and number (`FEW`), that make a second kind of id more than a stray spike-in or tag. */
const MIXED = 0.1;
const FEW = 5;

/**
 * Refuses genes of which some have Ensembl ids and some other ids: a model that knows Ensembl ids would leave out the
 * others without a word. (The opposite is common, and no mistake: genes without a symbol.)
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
