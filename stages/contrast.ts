import { files } from '../lib/data/kinds/files.ts';
import { parquet } from '../lib/data/kinds/parquet.ts';
import { table } from '../lib/data/kinds/table.ts';
import { columnsOf, sampleTable } from '../lib/data/results/cell-tables.ts';
import { encodingsTable } from '../lib/data/results/tables.ts';
import { registryModule } from '../lib/encodings/index.ts';
import { readProfile, type ViewProfile } from '../lib/evaluation/fidelity/profile.ts';
import { resample } from '../lib/evaluation/fidelity/resample.ts';
import { encodingRows } from '../lib/evaluation/fidelity/rows.ts';
import { keyOf, measureSubject } from '../lib/evaluation/fidelity/statistics.ts';
import { type ComparisonConfig, subjectsOf } from '../lib/evaluation/fidelity/subject.ts';
import { type EncodingRow, encodingColumns } from '../lib/evaluation/fidelity/table.ts';
import { defineStage, from, output } from '../lib/flow/stage.ts';
import { MB } from '../lib/flow/text/byte-units.ts';
import { cellTypes } from '../lib/pairwise/tiles/type-pairs.ts';

const sampleColumns = columnsOf(sampleTable, 'label');

/**
 * Sets every encoding, ceiling and floor beside the reference: each number with intervals from resampled cells, types and
 * seeds, and its paired difference. Light: all pairs were looked at in `compare`, and one subject is in memory at a time.
 */
export default defineStage({
  module: import.meta.url,
  name: 'contrast',
  about: 'Sets every encoding beside the reference, with intervals, ceilings and floors.',
  apart: [registryModule],
  params(config: ComparisonConfig) {
    const { comparison } = config;
    return {
      subjects: subjectsOf(config).map(({ name, role, control }) => ({ name, role, control })),
      neighbors: [...new Set(comparison?.neighbors ?? [])].sort((a, b) => a - b),
      referenceMetric: comparison?.referenceMetric ?? 'pearson',
      bootstrap: comparison?.bootstrap ?? 0,
    };
  },
  inputs(config) {
    return {
      sample: from('subset.sample', table(sampleColumns)),
      profiles: subjectsOf(config).map(({ instance }) => from(`compare[${instance}].profile`, files())),
    };
  },
  needs: { memory: ({ bytes }) => 320 * MB + 4 * Object.values<number>(bytes).reduce((a, b) => a + b, 0) },
  outputs: { encodings: output(parquet(encodingsTable), { publish: 'encodings.parquet' }) },
  random: true,

  async run({ params, inputs, outputs, random, progress, signal }) {
    const { label } = await inputs.sample.read();
    const { names, order, starts } = cellTypes(label);
    const typeOf = new Int32Array(order.length);
    for (let t = 0; t < names.length; t++) {
      for (const cell of order.subarray(starts[t], starts[t + 1])) typeOf[cell] = t;
    }
    const streams = { cells: random.stream('cells'), types: random.stream('types') };
    const resamples = resample(typeOf, names.length, params.bootstrap, streams);

    const rows: EncodingRow[] = [];
    const reference = new Map<string, ViewProfile>();
    // Of several replicates the first: what is held against the reference is held against one file.
    if (params.subjects.length > 0) {
      for await (const view of readProfile(inputs.profiles[0])) {
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
      const measured = await measureSubject(subject.control, readProfile(inputs.profiles[i]), setting);
      base ??= new Map(measured.map((one) => [keyOf(one), one]));
      for (const row of encodingRows(subject, measured, base, names.length)) rows.push(row);
      progress(i + 1, params.subjects.length, subject.name);
    }
    await outputs.encodings.write(encodingColumns(rows, params.referenceMetric));
  },
});
