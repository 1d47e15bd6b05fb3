/** Registry of methods that find nearest neighbours. */
import { exact } from './exact/method.ts';
import type { NearestMethod } from './method.ts';
import { nnDescent } from './nn-descent/method.ts';
import { prefilter } from './prefilter/method.ts';
import { tree } from './tree/method.ts';

/** All methods; among the exact or the approximate ones, the first that pays is chosen. */
export const METHODS: readonly NearestMethod[] = [tree, prefilter, exact, nnDescent];
