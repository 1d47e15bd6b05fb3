/**
 * GenePT-s: the text on a cell that is given to a language model, the names of its genes by descending expression
 * (yiqunchen/GenePT, `get_seq_embed_gpt` of the analysis notebooks). The embedding of that text needs the model; the text
 * does not.
 *
 * Zeros are left out and at most 1,000 genes kept, as published. The original takes the reverse of an ascending sort, so
 * ties come out in reverse: hence the default of `ties` (the original's sort does not fix the order that is reversed;
 * here it is the order of columns). Names stand as they are in the data.
 */
import { z } from 'zod';
import { defineEncoding } from './encoding.ts';
import { tieOption } from './order.ts';
import { geneWords, sentenceEncoder } from './sentence.ts';

export const geneptS = defineEncoding({
  module: import.meta.url,
  kind: 'genept-s',
  about: 'The names of the `top` genes of a cell, most expressed first, as text for a language model.',
  source: 'yiqunchen/GenePT get_seq_embed_gpt; Chen and Zou 2024',
  genes: 'all',
  options: {
    /** Largest number of genes that the text names; null: all that are detected. */
    top: z.int().positive().nullable().default(1000),
    /** Text before the names. */
    prefix: z.string().default('A cell with genes ranked by expression: '),
    /** Word for a gene: its name, or its id where it has none; or always its id. */
    names: z.enum(['name', 'id']).default('name'),
    ties: tieOption.default('reverse'),
  },
  random: (params) => params.ties === 'random',
  async prepare({ genes, params: { top, prefix, names, ties }, random }) {
    return sentenceEncoder({ genes, words: geneWords(genes, names, false), top, ties, random, prefix });
  },
});
