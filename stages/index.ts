/** Stages of a study, in the order in which they are shown. */
import diagnose from './diagnose.ts';
import embed from './embed.ts';
import encode from './encode.ts';
import fidelity from './fidelity.ts';
import hvg from './hvg.ts';
import joint from './joint.ts';
import load from './load.ts';
import neighbors from './neighbors.ts';
import perturb from './perturb.ts';
import purity from './purity.ts';
import report from './report.ts';
import similarity from './similarity.ts';
import subset from './subset.ts';
import summarize from './summarize.ts';

export const stages = [
  load,
  subset,
  hvg,
  encode,
  neighbors,
  embed,
  similarity,
  joint,
  purity,
  fidelity,
  diagnose,
  perturb,
  summarize,
  report,
] as const;
