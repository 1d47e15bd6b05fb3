/**
 * cell2sentence: the names of a cell's genes, most expressed first (vandijklab/cell2sentence src/cell2sentence/utils.py,
 * prompt_formatter.py).
 *
 * The original normalises and takes logarithms first; that cannot change an order within a cell, so counts are ordered
 * here. It breaks ties by chance, which `ties: 'random'` does too; the default is column order. The original prompt keeps
 * 200 genes, as does this one; `top: null` keeps all.
 */
import { z } from 'zod';
import { defineEncoding } from './encoding.ts';
import { tieOption } from './order.ts';
import { geneWords, sentenceEncoder } from './sentence.ts';

export const cell2sentence = defineEncoding({
  module: import.meta.url,
  kind: 'cell2sentence',
  about: 'The upper-cased names of the `top` genes of a cell, most expressed first.',
  source: 'vandijklab/cell2sentence src/cell2sentence/utils.py',
  genes: 'all',
  options: {
    /** Largest number of genes in a sentence; null: all that are detected. */
    top: z.int().positive().nullable().default(200),
    /** Word for a gene: its name, or its id where it has none; or always its id. */
    names: z.enum(['name', 'id']).default('name'),
    ties: tieOption,
  },
  random: (params) => params.ties === 'random',
  async prepare({ genes, params: { top, names, ties }, random }) {
    return sentenceEncoder({ genes, words: geneWords(genes, names, true), top, ties, random });
  },
});
