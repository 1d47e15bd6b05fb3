/**
 * scGPT's bins: each detected gene of a cell gets the number of the quantile of the cell's own values that it reaches
 * (bowang-lab/scGPT scgpt/preprocess.py, data_collator.py, tasks/cell_emb.py).
 *
 * With `bins` = 51 there are 50 edges, at equally spaced quantiles of the values above 0, and digits from 1 to 50; zeros
 * have digit 0. With L edges not above a value and R below it, the digit is L (`side: 'one'`), or any of R + 1 … L with
 * equal chance (`side: 'both'`; L if at most one edge equals the value). Counts being small, most values equal several
 * edges: their digits are chance.
 *
 * Only the order of values in a cell counts, hence counts are binned; the original may normalise first, which changes no
 * digit but by a rounding of an edge. The original bins all detected genes that are in the vocabulary and then, if there
 * are more than fit, leaves out some by chance; so does `length`. Which side is the default differs between versions;
 * chance there is not seeded.
 */
import { z } from 'zod';
import { dataError } from '../errors.ts';
import type { ExternalFile } from '../flow/stage.ts';
import { countUsed, defineEncoding, homesOf } from './encoding.ts';
import { type GeneList, matchGenes, readGeneList } from './gene-list.ts';
import { QuantileBins } from './quantile-bins.ts';
import { rowEncoder, takeUsed } from './rows.ts';

/** Value at the place of <cls>: `pad_value` of the published models. */
const PAD_VALUE = -2;
/** Special tokens that are added to a vocabulary that lacks them, in this order. */
const SPECIALS = ['<pad>', '<cls>', '<eoc>'];

export const scgpt = defineEncoding({
  module: import.meta.url,
  kind: 'scgpt',
  about: "scGPT's digits: detected genes in bins of equal share of the cell's own values.",
  source: 'bowang-lab/scGPT scgpt/preprocess.py, tasks/cell_emb.py; Cui et al. 2024',
  genes: 'all',
  options: {
    /** Number of digits, that of zeros included. */
    bins: z.int().min(3).max(1001).default(51),
    side: z.enum(['both', 'one']).default('both'),
    /** Vocabulary file, JSON: gene name to token number. Without it all genes are binned, and no model input is written. */
    vocab: z.string().min(1).optional(),
    /** Largest number of tokens of a cell, <cls> included; null: all detected genes. */
    length: z.int().min(2).nullable().default(1200),
  },
  files: ['vocab'],
  random: (params) => params.side === 'both' || params.length !== null,
  async prepare({ genes, params: { bins, side, length }, files, random }) {
    const vocabulary = files.vocab && (await readVocabulary(files.vocab));
    const match = vocabulary && matchGenes(genes, vocabulary.list, files.vocab!.path, true);
    const used = match ? Uint8Array.from(match.number, (token) => (token >= 0 ? 1 : 0)) : genes.used;
    const genesUsed = match ? match.size : countUsed(genes);
    const quantiles = new QuantileBins(bins - 1, genesUsed);
    const columns = new Int32Array(genesUsed);
    const values = new Float64Array(genesUsed);
    const digits = new Float32Array(genesUsed);
    const left = new Uint16Array(genesUsed);
    const right = new Uint16Array(genesUsed);
    return rowEncoder({
      columns: genes.used.length,
      metadata: {
        genesUsed,
        layout: 'sparse',
        value: `bin of the count among the cell's detected genes, 1 to ${bins - 1}; genes not detected 0`,
      },
      reading: { home: homesOf(genes.used.length, (column) => used[column] === 1) },
      model: vocabulary && {
        notes: { tokens: String(vocabulary.size), cls: String(vocabulary.cls), pad: String(vocabulary.pad) },
        extra: 1,
      },
      encodeRow(block, row, _total, id, out) {
        const n = takeUsed(block, row, used, columns, values);
        if (n === 0) return;
        quantiles.fit(values, n);
        quantiles.place(values, n, left, right);
        for (let i = 0; i < n; i++) digits[i] = left[i];
        if (side === 'both') {
          const chance = random.stream('digits', id);
          for (let i = 0; i < n; i++) {
            const choices = left[i] - right[i];
            if (choices > 1) digits[i] = right[i] + 1 + Math.floor((chance.uint32() / 2 ** 32) * choices);
          }
        }
        const room = length === null ? n : length - 1;
        const kept = n > room ? random.stream('kept', id).sample(n, room) : undefined;
        const count = kept === undefined ? n : room;
        if (vocabulary !== undefined) {
          out.modelGenes[out.modelCount] = vocabulary.cls;
          out.modelValues[out.modelCount++] = PAD_VALUE;
        }
        for (let k = 0; k < count; k++) {
          const i = kept === undefined ? k : kept[k];
          out.indices[out.nnz] = columns[i];
          out.values[out.nnz++] = digits[i];
          if (match === undefined) continue;
          out.modelGenes[out.modelCount] = match.number[columns[i]];
          out.modelValues[out.modelCount++] = digits[i];
        }
      },
    });
  },
});

interface Vocabulary {
  readonly list: GeneList;
  /** Number of tokens, special ones included. */
  readonly size: number;
  readonly cls: number;
  readonly pad: number;
}

/** Reads a vocabulary. Special tokens that it lacks get the numbers after its last, as in the original. */
async function readVocabulary(file: ExternalFile): Promise<Vocabulary> {
  const list = new Map(await readGeneList(file));
  for (const [gene, token] of list) {
    if (token < list.size) continue;
    throw dataError(`the vocabulary has ${list.size} entries, and token ${token} for "${gene}"`, {
      where: file.path,
      expected: `tokens 0 to ${list.size - 1}`,
    });
  }
  const numbers = SPECIALS.map((name) => {
    const number = list.get(name) ?? list.size;
    list.set(name, number);
    return number;
  });
  const { size } = list;
  for (const name of SPECIALS) list.delete(name); // no gene of the data may match a special token
  return { list, size, pad: numbers[0], cls: numbers[1] };
}
