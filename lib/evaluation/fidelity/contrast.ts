/**
 * Comparison of every encoding, ceiling and floor with the reference: each statistic with intervals from resampled cells,
 * types and seeds, and its paired difference to that of the reference.
 */
import type { FilesInput } from '../../data/kinds/types.ts';
import type { RandomSource } from '../../flow/random.ts';
import { cellTypes } from '../../pairwise/tiles/type-pairs.ts';
import { resample } from '../../stats/resample.ts';
import type { ContrastParams } from './contrast-params.ts';
import { keyOf, measureSubject } from './measure-subject.ts';
import { readProfile, type ViewProfile } from './profile.ts';
import { encodingRows } from './rows.ts';
import type { EncodingRow } from './table.ts';

/**
 * Computes the rows of the table of encodings. This is cheap, since pairs were evaluated for the profiles, and one subject
 * is in memory at a time.
 *
 * @param labels labels of the sampled cells
 * @param profiles profiles of the subjects, in their order
 */
export async function contrast(
  params: ContrastParams,
  labels: readonly string[],
  profiles: readonly FilesInput[],
  {
    random,
    signal,
    progress,
  }: {
    readonly random: RandomSource;
    readonly signal: AbortSignal;
    progress(done: number, total: number, note: string): void;
  },
): Promise<EncodingRow[]> {
  const { names, order, starts } = cellTypes(labels);
  const typeOf = new Int32Array(order.length);
  for (let t = 0; t < names.length; t++) {
    for (const cell of order.subarray(starts[t], starts[t + 1])) typeOf[cell] = t;
  }
  const streams = { cells: random.stream('cells'), types: random.stream('types') };
  const resamples = resample(typeOf, names.length, params.bootstrap, streams);

  const rows: EncodingRow[] = [];
  const reference = new Map<string, ViewProfile>();
  // The first of several replicates: all subjects are compared with one profile of the reference.
  if (params.subjects.length > 0) {
    for await (const view of readProfile(profiles[0])) {
      if (view.view.replicate === 0) reference.set(view.view.metric, view);
    }
  }
  const setting = {
    ks: params.neighbors,
    referenceMetric: params.referenceMetric,
    resamples,
    reference,
  };
  let base: Map<string, Awaited<ReturnType<typeof measureSubject>>[number]> | undefined;
  for (const [i, subject] of params.subjects.entries()) {
    signal.throwIfAborted();
    const measured = await measureSubject(subject.control, readProfile(profiles[i]), setting);
    base ??= new Map(measured.map((one) => [keyOf(one), one]));
    for (const row of encodingRows(subject, measured, base, names.length)) rows.push(row);
    progress(i + 1, params.subjects.length, subject.name);
  }
  return rows;
}
