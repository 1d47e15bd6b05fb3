/** Text encodings: the names of a cell's genes, most expressed first. */
import { dataError } from '../errors.ts';
import type { RandomSource } from '../flow/random.ts';
import { DescendingOrder } from '../stats/descending-order.ts';
import { countUsed, type Encoder, type Genes } from './encoding.ts';
import { breakTies, type TiePolicy } from './order.ts';
import { rowEncoder, takeUsed } from './rows.ts';

export interface SentenceOptions {
  readonly genes: Genes;
  /** The word for each column. */
  readonly words: readonly string[];
  /** Largest number of words in a sentence; null: one for each detected gene. */
  readonly top: number | null;
  readonly ties: TiePolicy;
  readonly random: RandomSource;
  /** Text before the words. */
  readonly prefix?: string;
}

export function sentenceEncoder({ genes, words, top, ties, random, prefix = '' }: SentenceOptions): Encoder {
  const { used } = genes;
  const genesUsed = countUsed(genes);
  const limit = top ?? genesUsed;
  const order = new DescendingOrder(genesUsed);
  const values = new Float64Array(genesUsed);
  const columns = new Int32Array(genesUsed);
  const weights = new Float32Array(genesUsed);
  return rowEncoder({
    columns: used.length,
    metadata: {
      genesUsed,
      layout: 'sparse',
      value: 'words from the end of the sentence, the last word being 1; genes not in the sentence 0',
    },
    sentences: true,
    encodeRow(block, row, _total, id, out) {
      const n = takeUsed(block, row, used, columns, values);
      const sorted = order.sort(values, n);
      if (ties !== 'stable') {
        breakTies(sorted, values, n, ties, ties === 'random' ? random.stream('ties', id) : undefined);
      }
      const kept = Math.min(n, limit);
      // Joined at once: a sentence that grew word by word would be held as a tree of all its beginnings.
      const sentence = new Array<string>(kept);
      for (let p = 0; p < kept; p++) {
        sentence[p] = words[columns[sorted[p]]];
        weights[sorted[p]] = kept - p;
      }
      for (let p = kept; p < n; p++) weights[sorted[p]] = 0;
      for (let i = 0; i < n; i++) {
        if (weights[i] === 0) continue;
        out.indices[out.nnz] = columns[i];
        out.values[out.nnz++] = weights[i];
      }
      out.sentence = prefix + sentence.join(' ');
    },
  });
}

/**
 * Word for each used gene, by column. Throws for two genes with one word, and for a word with a blank in it: such a
 * sentence could not be read back.
 */
export function geneWords(genes: Genes, names: 'name' | 'id', upperCase: boolean): string[] {
  const words: string[] = [];
  const columnOf = new Map<string, number>();
  for (let column = 0; column < genes.used.length; column++) {
    const name = (names === 'name' && genes.names[column]) || genes.ids[column];
    const word = upperCase ? name.toUpperCase() : name;
    words.push(word);
    if (genes.used[column] === 0) continue;
    if (/\s/.test(word) || word === '') {
      throw dataError(`the gene name ${JSON.stringify(name)} cannot be a word of a sentence`, {
        where: `column ${column} of the kept genes`,
        expected: 'gene names without blanks',
        hint: otherNames(names),
      });
    }
    const other = columnOf.get(word);
    if (other !== undefined) {
      throw dataError(`two genes are called ${word} in a cell sentence`, {
        where: `genes ${describe(genes, other)} and ${describe(genes, column)}`,
        expected: upperCase ? 'names that differ also after upper-casing' : 'names that differ',
        hint: otherNames(names),
      });
    }
    columnOf.set(word, column);
  }
  return words;
}

function describe(genes: Genes, column: number): string {
  const name = genes.names[column];
  return name === null || name === genes.ids[column] ? genes.ids[column] : `${genes.ids[column]} (${name})`;
}

function otherNames(names: 'name' | 'id'): string {
  return names === 'name'
    ? "set names: 'id' on the encoding to use gene ids, or make the gene names unique in the data"
    : 'make the gene ids unique words in the data, or set dataset.geneId to a column that is';
}
