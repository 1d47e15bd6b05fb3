/**
 * Simulated atlas whose truth is known: labelled cells with gamma-Poisson counts, so that a study can run, and be tested,
 * without a download. Ids and names are invented; nothing here is a measurement.
 *
 * Modelled features: types in lineages (related types share programmes), types with a continuous state inside, batches
 * with moderate effects on every gene, log-normal library sizes, over-dispersed counts with some 85–90 % zeros,
 * mitochondrial genes, and a few dying cells that quality control should drop.
 *
 * Every cell draws from a stream of its own, so rows can be made on the fly in any order; memory holds only the profiles
 * (types × genes) and three small numbers per cell.
 */
import { z } from 'zod';
import { type RandomSource, type RandomStream, randomSource } from '../../flow/random.ts';
import { exp } from '../../kernels/math.ts';
import type { CsrBlock } from '../csr.ts';
import type { CellSource } from '../source.ts';
import { negativeBinomial, normal } from './distributions.ts';
import { type Profiles, simulateProfiles } from './profiles.ts';

/** Options of a simulated data set, as a zod shape; `{}` gives an atlas that fits the default config. */
export const SimulateConfig = {
  cells: z.int().min(1).max(10_000_000).default(8000),
  genes: z.int().min(10).max(99_999).default(2500),
  types: z.int().min(1).max(1000).default(12),
  batches: z.int().min(1).max(1000).default(3),
  seed: z.int().min(0).default(0),
  /** Median total counts of a cell. More depth, fewer zeros; null: 0.2 counts a gene, about 87 % zeros. */
  depth: z.number().positive().nullable().default(null),
  /** `unequal`: sizes fall off from type to type, and every sixth type is rare. `equal`: all the same. */
  sizes: z.enum(['unequal', 'equal']).default('unequal'),
};

export type SimulateParams = { [K in keyof typeof SimulateConfig]: z.output<(typeof SimulateConfig)[K]> };

const BLOCK_ROWS = 512;
const DEPTH_PER_GENE = 0.2;
const MITO_GENES = 10;

/** Source of a simulated atlas. Does no work before it is asked; a stream of rows costs about 50 ns per cell and gene. */
export function simulatedSource(params: SimulateParams): CellSource {
  const { cells, genes, batches, seed } = params;
  const random = randomSource(seed, 'simulated atlas');
  let made: Atlas | undefined;
  const atlas = () => {
    made ??= makeAtlas(params, random);
    return made;
  };
  const width = Math.max(6, String(cells).length);
  return {
    cells,
    genes,
    matrix: 'simulated',
    async cellIds() {
      return Array.from({ length: cells }, (_, i) => `cell${String(i + 1).padStart(width, '0')}`);
    },
    async geneIds() {
      return Array.from({ length: genes }, (_, g) => `SIM${String(g + 1).padStart(5, '0')}`);
    },
    async geneNames() {
      const { mito } = atlas().profiles;
      let nth = 0;
      return Array.from({ length: genes }, (_, g) => (mito[g] === 1 ? `MT-${++nth}` : `GENE${g + 1}`));
    },
    async labels() {
      const { typeOf, profiles } = atlas();
      return Array.from(typeOf, (t) => profiles.labels[t]);
    },
    async batches() {
      const { batchOf } = atlas();
      const wide = String(batches).length;
      return Array.from(batchOf, (b) => `batch${String(b + 1).padStart(wide, '0')}`);
    },
    async annotatedGenes() {
      return Array.from(atlas().profiles.structured, (flag) => flag === 1);
    },
    async choices() {
      return {
        matrix: 'simulated',
        matrixReason: null,
        label: 'simulated',
        batch: 'simulated',
        geneId: 'index',
        versionsStripped: false,
        cells,
        missing: 0,
        excluded: [],
        merged: {},
        featuresLeftOut: [],
        notes: [],
      };
    },
    async *rows(signal) {
      const { profiles, typeOf, batchOf } = atlas();
      const draw = rowSampler(params, random, profiles);
      for (let start = 0; start < cells; start += BLOCK_ROWS) {
        signal?.throwIfAborted();
        const rows = Math.min(BLOCK_ROWS, cells - start);
        yield { start, ...block(rows, genes, (i, mu) => draw(start + i, typeOf, batchOf, mu)) };
      }
    },
    async close() {},
  };
}

interface Atlas {
  readonly profiles: Profiles;
  readonly typeOf: Uint16Array;
  readonly batchOf: Uint16Array;
}

function makeAtlas(params: SimulateParams, random: RandomSource): Atlas {
  const { cells, genes, types, batches } = params;
  const profiles = simulateProfiles(random, {
    genes,
    types,
    batches,
    mitoGenes: Math.min(MITO_GENES, genes >> 2),
  });
  const typeOf = new Uint16Array(cells);
  let at = 0;
  for (const [type, size] of typeSizes(cells, types, params.sizes).entries()) {
    typeOf.fill(type, at, at + size);
    at += size;
  }
  random.stream('order').shuffle(typeOf);
  // Batches differ in size, and in what types they hold: composition tilts by up to a half.
  const batchOf = new Uint16Array(cells);
  const batchStream = random.stream('batch of cell');
  const tilt = Float64Array.from({ length: batches * types }, () => 0.75 + 0.5 * batchStream.float64());
  for (let i = 0; i < cells; i++) {
    let total = 0;
    for (let b = 0; b < batches; b++) total += tilt[b * types + typeOf[i]] / (1 + 0.25 * b);
    let u = batchStream.float64() * total;
    let b = 0;
    while (b < batches - 1) {
      u -= tilt[b * types + typeOf[i]] / (1 + 0.25 * b);
      if (u < 0) break;
      b++;
    }
    batchOf[i] = b;
  }
  return { profiles, typeOf, batchOf };
}

/**
 * Cells per type, summing to `cells`. Unequal sizes fall geometrically from 1.5 to 0.95 times the mean over
 * the common types; every sixth type is rare (0.4 times the mean and less), so that a study meets types it
 * has to leave out.
 */
export function typeSizes(cells: number, types: number, sizes: SimulateParams['sizes']): number[] {
  const rare = sizes === 'equal' ? 0 : Math.floor(types / 6);
  const common = types - rare;
  const weights = Array.from({ length: types }, (_, t) => {
    if (sizes === 'equal') return 1;
    if (t >= common) return 0.4 / (t - common + 1);
    return 1.5 * exp(common === 1 ? 0 : (t / (common - 1)) * -0.4567584024);
  });
  const total = weights.reduce((sum, w) => sum + w, 0);
  // Rounding down to the cumulative share gives whole numbers that sum exactly.
  let cumulative = 0;
  let before = 0;
  return weights.map((w, t) => {
    cumulative += w;
    const upTo = t === types - 1 ? cells : Math.floor((cells * cumulative) / total);
    const size = upTo - before;
    before = upTo;
    return size;
  });
}

type DrawRow = (cell: number, typeOf: Uint16Array, batchOf: Uint16Array, counts: Int32Array) => void;

/** Draws one cell's counts into a dense scratch row. */
function rowSampler(params: SimulateParams, random: RandomSource, profiles: Profiles): DrawRow {
  const { genes } = params;
  const depth = params.depth ?? DEPTH_PER_GENE * genes;
  const { expression, batchEffect, size, mito, programmes } = profiles;
  const cellStreams = random.stream('counts');
  const mean = new Float64Array(genes);
  return (cell, typeOf, batchOf, counts) => {
    const stream = cellStreams.at(cell);
    const type = typeOf[cell];
    const batch = batchOf[cell];
    const quality = drawQuality(stream, depth);
    const state = 2 * stream.float64() - 1;

    for (let g = 0; g < genes; g++) mean[g] = expression[type * genes + g] * batchEffect[batch * genes + g];
    const programme = programmes[type];
    for (let i = 0; i < programme.genes.length; i++) {
      mean[programme.genes[i]] *= exp(state * programme.loadings[i]);
    }
    let nuclear = 0;
    let mitochondrial = 0;
    for (let g = 0; g < genes; g++) {
      if (mito[g] === 1) mitochondrial += mean[g];
      else nuclear += mean[g];
    }
    const nuclearScale = (quality.total * (1 - quality.mitoShare)) / nuclear;
    const mitoScale = mitochondrial === 0 ? 0 : (quality.total * quality.mitoShare) / mitochondrial;
    for (let g = 0; g < genes; g++) {
      counts[g] = negativeBinomial(stream, mean[g] * (mito[g] === 1 ? mitoScale : nuclearScale), size[g]);
    }
  };
}

/** Library size and mitochondrial share. About 3 % of the cells are dying: shallow and full of mito counts. */
function drawQuality(stream: RandomStream, depth: number): { total: number; mitoShare: number } {
  const dying = stream.float64() < 0.03;
  const total = depth * exp(0.25 * normal(stream)) * (dying ? 0.4 : 1);
  const odds = exp((dying ? -0.7 : -3) + 0.4 * normal(stream));
  return { total, mitoShare: odds / (1 + odds) };
}

/** Collects `rows` dense rows into a block. */
function block(rows: number, genes: number, fill: (row: number, counts: Int32Array) => void): CsrBlock {
  const indptr = new Uint32Array(rows + 1);
  const counts = new Int32Array(genes);
  let indices = new Int32Array(rows * Math.ceil(genes / 6) + genes);
  let values = new Float32Array(indices.length);
  let nnz = 0;
  for (let i = 0; i < rows; i++) {
    fill(i, counts);
    if (nnz + genes > indices.length) {
      const length = Math.max(indices.length * 2, nnz + genes);
      const wider = new Int32Array(length);
      wider.set(indices);
      indices = wider;
      const widerValues = new Float32Array(length);
      widerValues.set(values);
      values = widerValues;
    }
    for (let g = 0; g < genes; g++) {
      if (counts[g] === 0) continue;
      indices[nnz] = g;
      values[nnz++] = counts[g];
    }
    indptr[i + 1] = nnz;
  }
  return { rows, columns: genes, indptr, indices: indices.subarray(0, nnz), values: values.subarray(0, nnz) };
}
