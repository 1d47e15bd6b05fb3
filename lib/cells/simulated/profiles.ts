/** Ground truth of the simulated atlas: effects of each type, batch and programme on each gene. */
import type { RandomSource, RandomStream } from '../../flow/random.ts';
import { exp } from '../../kernels/math.ts';
import { normal } from './distributions.ts';

/** A continuous state inside a type: a cell in state s (−1 … 1) has its genes changed by e^(s · loading). */
export interface Programme {
  readonly genes: Int32Array;
  readonly loadings: Float64Array;
}

export interface Profiles {
  /** Names of the types, a letter for the lineage and a number: A1, A2, B1, … */
  readonly labels: string[];
  /** Relative abundance of each gene in each type, types × genes; not normalised. */
  readonly expression: Float64Array;
  /** Factor of each batch on each gene, batches × genes. */
  readonly batchEffect: Float64Array;
  /** Negative-binomial size of each gene: variance = mean + mean² / size. */
  readonly size: Float64Array;
  /** 1 for mitochondrial genes. */
  readonly mito: Uint8Array;
  /** 1 for genes whose expression differs between types: the truth for "highly variable". */
  readonly structured: Uint8Array;
  /** Programme of each type; empty for the types without inner structure. */
  readonly programmes: Programme[];
}

/** Spread (standard deviation of the natural logarithm) of gene abundance, and of each kind of effect. */
const ABUNDANCE_SD = 1.3;
const LINEAGE = { share: 0.3, sd: 0.9 };
const TYPE = { share: 0.2, sd: 1.1 };
const PROGRAMME = { share: 0.15, sd: 0.8 };
const BATCH_SD = 0.2;
/** Share of the genes that take part in any of this; the rest is the same in all types. */
const VARIABLE_SHARE = 0.4;

export function simulateProfiles(
  random: RandomSource,
  options: { genes: number; types: number; batches: number; mitoGenes: number },
): Profiles {
  const { genes, types, batches, mitoGenes } = options;
  const mito = new Uint8Array(genes);
  for (const g of random.stream('mito').sample(genes, mitoGenes)) mito[g] = 1;
  const nuclear = Int32Array.from({ length: genes }, (_, g) => g).filter((g) => mito[g] === 0);
  const variable = pick(random.stream('variable genes'), nuclear, VARIABLE_SHARE);

  const abundance = random.stream('abundance');
  const root = Float64Array.from({ length: genes }, () => ABUNDANCE_SD * normal(abundance));
  const tree = typeTree(random.stream('tree'), types);
  const structured = new Uint8Array(genes);
  /** The parent's profile with the log abundance of some of its variable genes changed. */
  const descend = (stream: RandomStream, parent: Float64Array, effect: { share: number; sd: number }) => {
    const profile = parent.slice();
    for (const g of pick(stream, variable, effect.share)) {
      profile[g] += effect.sd * normal(stream);
      structured[g] = 1;
    }
    return profile;
  };
  const lineages = tree.lineages.map((name) => descend(random.stream('lineage', name), root, LINEAGE));
  const logProfiles: Float64Array[] = [];
  for (const { label, lineage, parent } of tree.types) {
    const from = parent === undefined ? lineages[lineage] : logProfiles[parent];
    logProfiles.push(descend(random.stream('type', label), from, TYPE));
  }

  const expression = new Float64Array(types * genes);
  for (const [t, profile] of logProfiles.entries()) {
    for (let g = 0; g < genes; g++) expression[t * genes + g] = exp(profile[g]);
  }
  const batchEffect = new Float64Array(batches * genes);
  for (let b = 0; b < batches; b++) {
    const stream = random.stream('batch', b);
    for (let g = 0; g < genes; g++) batchEffect[b * genes + g] = exp(BATCH_SD * normal(stream));
  }
  const dispersion = random.stream('dispersion');
  const size = Float64Array.from({ length: genes }, () => 2.5 * exp(0.5 * normal(dispersion)));
  const programmes = tree.types.map(({ label }, t) => {
    // Every other type is a continuum: within-type structure that an encoding may keep or lose.
    if (t % 2 === 1) return { genes: new Int32Array(0), loadings: new Float64Array(0) };
    const stream = random.stream('programme', label);
    const chosen = pick(stream, variable, PROGRAMME.share);
    for (const g of chosen) structured[g] = 1;
    return { genes: chosen, loadings: Float64Array.from(chosen, () => PROGRAMME.sd * normal(stream)) };
  });
  const labels = tree.types.map(({ label }) => label);
  return { labels, expression, batchEffect, size, mito, structured, programmes };
}

/** A random share of the genes, ascending. */
function pick(stream: RandomStream, genes: Int32Array, share: number): Int32Array {
  return stream.sample(genes.length, Math.round(genes.length * share)).map((i) => genes[i]);
}

interface TypeTree {
  readonly lineages: string[];
  /** `parent`: an earlier type of the same lineage that this one branches from, if not from the lineage. */
  readonly types: { label: string; lineage: number; parent: number | undefined }[];
}

/**
 * A small tree: about √types lineages; within a lineage each further type branches from the lineage or from
 * an earlier type, so some pairs of types are close and some are far. Types go round the lineages in turn,
 * so that each lineage has common and rare ones.
 */
function typeTree(stream: RandomStream, types: number): TypeTree {
  const count = Math.max(1, Math.round(Math.sqrt(types)));
  const lineages = Array.from({ length: count }, (_, i) => lineageName(i));
  const wide = String(Math.ceil(types / count)).length;
  const members: number[][] = lineages.map(() => []);
  const made: TypeTree['types'] = [];
  for (let t = 0; t < types; t++) {
    const lineage = t % count;
    const siblings = members[lineage];
    const choice = stream.int(siblings.length + 1);
    siblings.push(t);
    made.push({
      label: lineages[lineage] + String(siblings.length).padStart(wide, '0'),
      lineage,
      parent: choice === siblings.length - 1 ? undefined : siblings[choice],
    });
  }
  return { lineages, types: made };
}

/** Name of the i-th lineage: A … Z, then AA, AB, … */
function lineageName(i: number): string {
  const last = String.fromCharCode(65 + (i % 26));
  return i < 26 ? last : lineageName(Math.floor(i / 26) - 1) + last;
}
