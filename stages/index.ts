/** The study's stages, in the order in which they are shown. */
import embed from './embed.ts';
import encode from './encode.ts';
import hvg from './hvg.ts';
import load from './load.ts';
import neighbors from './neighbors.ts';
import report from './report.ts';
import similarity from './similarity.ts';
import subset from './subset.ts';
import summarize from './summarize.ts';

export const stages = [load, subset, hvg, encode, neighbors, embed, similarity, summarize, report] as const;
