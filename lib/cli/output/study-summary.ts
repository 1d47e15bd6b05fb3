/** Summary of a run of the study: how far each measure keeps cells of one type apart from the others. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type DatasetTold, datasetLines } from '../../cells/dataset-told.ts';
import { parquet } from '../../data/kinds/parquet.ts';
import { encodingsTable, separationTable } from '../../data/results/tables.ts';
import { json } from '../../flow/kinds/json.ts';
import { summarizeEncodings, type Told } from '../../report/sections/encoding-rows.ts';
import type { Summarize } from '../app.ts';
import { fittedTable } from './fitted-table.ts';

const TABLE = 'separation.parquet';
const ENCODINGS = 'encodings.parquet';
const REPORT = 'report.html';
const DATASET = 'dataset.json';

export const summarizeStudy: Summarize = async ({ folder, outputs, shown, width }) => {
  const sections: string[] = [];
  const data: Record<string, unknown> = {};
  const told = await datasetOf(folder, outputs);
  if (told !== undefined) {
    data.dataset = told;
    sections.push(
      datasetLines(told)
        .flatMap((line) => wrapped(line, width))
        .join('\n'),
    );
  }
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
      fittedTable({
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
        width,
      }),
    );
  }
  const notes = [...(told?.notes ?? []), ...(await notesOf(folder, outputs))];
  if (notes.length > 0) {
    data.notes = notes;
    sections.push(notes.flatMap((note) => wrapped(`Note: ${note}`, width)).join('\n'));
  }
  if (outputs.has(ENCODINGS)) {
    const compared = summarizeEncodings(await parquet(encodingsTable).input(join(folder, ENCODINGS)).read());
    // A single encoding has nothing to be compared with.
    if (compared?.lines.some(({ role }) => role === 'encoding')) {
      const { k, metric, reference, lines } = compared;
      const own = lines.filter(({ role }) => role === 'reference' || role === 'encoding');
      const ofNeighbors = (text: string) => (k === undefined ? [] : [text]);
      data.encodings = own.map((line) => ({
        encoding: line.name,
        auroc: orNull(line.auroc.value),
        overlap: orNull(line.overlap.value),
        purity: orNull(line.purity.value),
      }));
      sections.push(
        fittedTable({
          head: [
            `kept of ${reference} (${metric})`,
            'AUROC',
            ...ofNeighbors(`overlap of ${k}`),
            ...ofNeighbors(`purity of ${k}`),
          ],
          rows: own.map((line) => [
            line.name,
            interval(line.auroc),
            ...ofNeighbors(interval(line.overlap)),
            ...ofNeighbors(interval(line.purity)),
          ]),
          right: new Set([1, 2, 3]),
          width,
        }),
      );
    }
  }
  if (outputs.has(REPORT)) {
    data.report = join(folder, REPORT);
    sections.push(`Report: ${shown(join(folder, REPORT))}`);
  }
  return sections.length === 0 ? undefined : { text: sections.join('\n\n'), data };
};

/** Report on the cells of the dataset; undefined for a run that did not choose any. */
async function datasetOf(folder: string, outputs: ReadonlySet<string>): Promise<DatasetTold | undefined> {
  const path = join(folder, DATASET);
  return outputs.has(DATASET) && existsSync(path) ? await json<DatasetTold>().input(path).read() : undefined;
}

/** Wraps a line at blanks to the width of the window, continuation lines indented; whole for a pipe. */
function wrapped(text: string, width: number | undefined): string[] {
  if (width === undefined) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `  ${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Notes on layouts and neighbours for the user, in order of their names. */
async function notesOf(folder: string, outputs: ReadonlySet<string>): Promise<string[]> {
  const notes: string[] = [];
  for (const name of [...outputs].sort()) {
    const path = join(folder, name);
    if (!existsSync(path)) continue; // notes without content are not written
    const layout = /^embeddings\/(.+)\.notes\.json$/.exec(name)?.[1];
    const space = /^neighbors\/(.+)\.recall\.json$/.exec(name)?.[1];
    if (layout !== undefined) {
      for (const note of await json<string[]>().input(path).read()) notes.push(`${layout}: ${note}`);
    }
    if (space !== undefined) {
      const { mean, cells } = await json<{ mean: number; cells: number }>().input(path).read();
      const share = `${(100 * mean).toFixed(1)} % of the exact ones, by ${cells} cells`;
      notes.push(`${space}: neighbours were found by descent, ${share}`);
    }
  }
  return notes;
}

const orNull = (value: number) => (Number.isNaN(value) ? null : value);

function decimals(value: number | null): string {
  return value === null ? '–' : value.toFixed(4);
}

/** Value with its 95 % interval, if it has one: `0.8123 (0.79–0.83)`. */
function interval({ value, lo, hi }: Told): string {
  const decimal = decimals(orNull(value));
  return Number.isNaN(lo) ? decimal : `${decimal} (${lo.toFixed(2)}–${hi.toFixed(2)})`;
}

/** Number with separators: `1,234,567`. */
function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
