/** Tables that must be shown whole, also in a narrow terminal: nothing is cut, the form changes. */
import { stripVTControlCharacters } from 'node:util';
import { fit, type TextTable, textTable, textWidth } from './table.ts';

/** Table with names in its first column, all of whose cells matter. */
export interface FittedTable extends Pick<TextTable, 'right'> {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns of the terminal; undefined for a pipe, which takes lines of any length. */
  readonly width: number | undefined;
}

/**
 * Renders the widest form that fits: one line per row; the same with heads on several lines; a block per row, with one
 * cell per line. The last form is used where nothing fits.
 */
export function fittedTable(table: FittedTable): string {
  const { width = Infinity } = table;
  const fits = (text: string) => text.split('\n').every((line) => textWidth(line) <= width);
  return [textTable({ ...table, width: undefined }), withBrokenHeads(table)].find(fits) ?? inBlocks(table);
}

/** Renders a table with heads broken at blanks, to the width of their cells or of their longest word. */
function withBrokenHeads({ head, rows, right }: FittedTable): string {
  const broken = head.map((text, c) => {
    const cells = rows.map((row) => textWidth(row[c]));
    return breakText(text, Math.max(...text.split(' ').map(textWidth), ...cells));
  });
  const depth = Math.max(...broken.map((lines) => lines.length));
  const heads = Array.from({ length: depth }, (_, line) =>
    broken.map((lines) => lines[line - depth + lines.length] ?? ''),
  );
  return textTable({ rows: [...heads, ...rows], right });
}

function breakText(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && textWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function inBlocks({ head: [first, ...heads], rows, width = Infinity }: FittedTable): string {
  const cells = rows.map(([, ...values]) =>
    textTable({ rows: values.map((value, c) => [heads[c], value]), right: new Set([1]), indent: '  ' }),
  );
  const title = (name: string) => {
    const text = `${first}: ${name}`;
    return textWidth(text) <= width ? text : fit(stripVTControlCharacters(text), width);
  };
  return rows.map(([name], i) => `${title(name)}\n${cells[i]}`).join('\n');
}
