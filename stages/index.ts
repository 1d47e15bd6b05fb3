/** The study's stages, in the order in which they are shown. */
import compare from './compare.ts';
import contrast from './contrast.ts';
import embed from './embed.ts';
import encode from './encode.ts';
import hvg from './hvg.ts';
import load from './load.ts';
import losses from './losses.ts';
import neighbors from './neighbors.ts';
import perturb from './perturb.ts';
import reasons from './reasons.ts';
import report from './report.ts';
import robustness from './robustness.ts';
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
  compare,
  contrast,
  summarize,
  losses,
  reasons,
  perturb,
  robustness,
  report,
] as const;
