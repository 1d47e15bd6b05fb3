/**
 * cell2sentence: the names of a cell's genes, most expressed first (vandijklab/cell2sentence
 * src/cell2sentence/utils.py, prompt_formatter.py).
 *
 * The original normalises and takes logarithms first; that cannot change an order within a cell, so counts
 * are ordered here. It breaks ties by chance, which `ties: 'random'` does too; the default is column order.
 * The original prompt keeps 200 genes, and so do we; `top: null` keeps all.
 */
import { z } from 'zod';
import { dataError } from '../errors.ts';
import { countUsed, defineEncoding, type Genes } from './encoding.ts';
import { breakTies, DescendingOrder, tieOption } from './order.ts';
import { rowEncoder } from './rows.ts';

export const cell2sentence = defineEncoding({
  kind: 'cell2sentence',
  about: 'The upper-cased names of the `top` genes of a cell, most expressed first.',
  source: 'vandijklab/cell2sentence src/cell2sentence/utils.py',
  genes: 'all',
  options: {
    /** How many genes a sentence has at most; null: all that are detected. */
    top: z.int().positive().nullable().default(200),
    /** What a gene is called: its name, or its id where it has none; or always its id. */
    names: z.enum(['name', 'id']).default('name'),
    ties: tieOption,
  },
  random: (params) => params.ties === 'random',
  async prepare({ genes, params, random }) {
    const { used } = genes;
    const genesUsed = countUsed(genes);
    const words = geneWords(genes, params.names);
    const limit = params.top ?? genesUsed;
    const order = new DescendingOrder(genesUsed);
    const values = new Float64Array(genesUsed);
    const columns = new Int32Array(genesUsed);
    const weights = new Float32Array(genesUsed);
    return rowEncoder({
      columns: used.length,
      notes: {
        value: 'words from the end of the sentence, the last word being 1; genes not in the sentence 0',
        genes_used: String(genesUsed),
      },
      sentences: true,
      encodeRow(block, row, _total, id, out) {
        let n = 0;
        for (let e = block.indptr[row]; e < block.indptr[row + 1]; e++) {
          const column = block.indices[e];
          if (used[column] === 0) continue;
          columns[n] = column;
          values[n++] = block.values[e];
        }
        const sorted = order.sort(values, n);
        if (params.ties !== 'stable') {
          breakTies(
            sorted,
            values,
            n,
            params.ties,
            params.ties === 'random' ? random.stream('ties', id) : undefined,
          );
        }
        const kept = Math.min(n, limit);
        let sentence = '';
        for (let p = 0; p < kept; p++) {
          sentence += p === 0 ? words[columns[sorted[p]]] : ` ${words[columns[sorted[p]]]}`;
          weights[sorted[p]] = kept - p;
        }
        for (let p = kept; p < n; p++) weights[sorted[p]] = 0;
        for (let i = 0; i < n; i++) {
          if (weights[i] === 0) continue;
          out.indices[out.nnz] = columns[i];
          out.values[out.nnz++] = weights[i];
        }
        out.sentence = sentence;
      },
    });
  },
});

/**
 * The word for each used gene, by column. Two genes with one word, or a word with a blank in it, would make
 * a sentence that cannot be read back: refused.
 */
export function geneWords(genes: Genes, names: 'name' | 'id'): string[] {
  const words: string[] = [];
  const columnOf = new Map<string, number>();
  for (let column = 0; column < genes.used.length; column++) {
    const name = (names === 'name' && genes.names[column]) || genes.ids[column];
    const word = name.toUpperCase();
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
        expected: 'names that differ also after upper-casing',
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
