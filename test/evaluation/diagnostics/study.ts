/** Counts as subset writes them, encoded, for tests of stages that look at encodings. */
import { join } from 'node:path';
import { matrix } from '../../../lib/data/kinds/matrix.ts';
import { encodingSchema } from '../../../lib/encodings/index.ts';
import { table } from '../../../lib/flow/kinds/table.ts';
import encode from '../../../stages/encode.ts';
import { csr } from '../../encodings/encode.ts';
import { runStage, scratchFolder } from '../../helpers/run-stage.ts';

export interface Study {
  rows: readonly (readonly number[])[];
  labels: string[];
  ids?: string[];
  totals?: number[];
  options: Record<string, unknown>;
}

/** The config with the one encoding `it`, and the inputs of its targets, by slot. */
export async function encodedStudy({ rows, labels, ids, totals, options }: Study) {
  const folder = scratchFolder();
  const path = (name: string) => join(folder, name);
  const cells = rows.map((_, c) => `cell${c}`);
  const geneIds = ids ?? rows[0].map((_, g) => `g${g}`);
  const writer = await matrix()
    .output(path('counts'))
    .create({
      columns: geneIds.length,
      metadata: { genesUsed: geneIds.length, layout: 'sparse', value: 'counts' },
    });
  // In two blocks, as large data come.
  const half = rows.length >> 1;
  for (const [from, to] of [
    [0, half],
    [half, rows.length],
  ]) {
    if (to > from) await writer.append(csr(rows.slice(from, to), geneIds.length), cells.slice(from, to));
  }
  await writer.close();
  await table({ cell_id: 'utf8', label: 'utf8', batch: 'utf8?', total_counts: 'float64' })
    .output(path('sample'))
    .write({
      cell_id: cells,
      label: labels,
      batch: cells.map(() => null),
      total_counts: Float64Array.from(totals ?? rows.map((row) => row.reduce((sum, x) => sum + x, 0))),
    });
  await table({ gene_id: 'utf8', gene_name: 'utf8?', highly_variable: 'bool' })
    .output(path('genes'))
    .write({
      gene_id: geneIds,
      gene_name: geneIds.map(() => null),
      highly_variable: geneIds.map(() => true),
    });
  const files = Object.fromEntries(
    Object.entries(options)
      .filter(([name]) => ['tokens', 'medians', 'vectors', 'names', 'index'].includes(name))
      .map(([name, file]) => [`file.${name}`, String(file)]),
  );
  const inputs = { counts: path('counts'), genes: path('genes'), sample: path('sample'), ...files };
  const config = { encodings: { it: encodingSchema.parse(options) } };
  const { encoded } = await runStage(encode, config, 'it', inputs);
  return { config, inputs: { ...inputs, encoded } };
}
