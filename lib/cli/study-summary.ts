/** What a run of the study found: how far each measure keeps cells of one type apart from the others. */
import { join } from 'node:path';
import { parquet } from '../formats/parquet.ts';
import { separationTable } from '../formats/result-tables.ts';
import type { Summarize } from './app.ts';
import { textTable } from './table.ts';

const TABLE = 'separation.parquet';
const REPORT = 'report.html';

export const summarizeStudy: Summarize = async ({ folder, outputs, shown }) => {
  const sections: string[] = [];
  const data: Record<string, unknown> = {};
  if (outputs.has(TABLE)) {
    const columns = await parquet(separationTable).input(join(folder, TABLE)).read();
    const measures = columns.measure.map((measure, i) => ({
      measure,
      median_within: orNull(columns.median_within[i]),
      median_between: orNull(columns.median_between[i]),
      auroc: orNull(columns.auroc[i]),
      cliffs_delta: orNull(columns.cliffs_delta[i]),
      pairs: columns.n_within[i] + columns.n_between[i],
    }));
    data.separation = measures;
    sections.push(
      textTable({
        head: ['measure', 'median within', 'median between', 'AUROC', "Cliff's delta", 'pairs'],
        rows: measures.map((m) => [
          m.measure,
          decimals(m.median_within),
          decimals(m.median_between),
          decimals(m.auroc),
          decimals(m.cliffs_delta),
          grouped(m.pairs),
        ]),
        right: new Set([1, 2, 3, 4, 5]),
      }),
    );
  }
  if (outputs.has(REPORT)) {
    data.report = join(folder, REPORT);
    sections.push(`Report: ${shown(join(folder, REPORT))}`);
  }
  return sections.length === 0 ? undefined : { text: sections.join('\n\n'), data };
};

const orNull = (value: number) => (Number.isNaN(value) ? null : value);

function decimals(value: number | null): string {
  return value === null ? '–' : value.toFixed(4);
}

/** `1,234,567`. */
function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
