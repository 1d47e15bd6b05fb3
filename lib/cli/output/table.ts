/** Tables of text with aligned columns. */
import { stripVTControlCharacters } from 'node:util';

export interface TextTable {
  readonly head?: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns to be aligned to the right, by number. */
  readonly right?: ReadonlySet<number>;
  /** Text before each line. */
  readonly indent?: string;
  /** Columns of the terminal: the last column of the table, which must be without colours, is cut to fit. */
  readonly width?: number;
}

/** Smallest useful width of the last column; with less, lines wrap. */
const MIN_LAST = 12;

/** Text of a table: columns two blanks apart; no blanks at the ends of lines. */
export function textTable({ head, rows, right = new Set(), indent = '', width }: TextTable): string {
  const lines = head === undefined ? rows : [head, ...rows];
  const widths: number[] = [];
  for (const line of lines) {
    for (const [c, cell] of line.entries()) widths[c] = Math.max(widths[c] ?? 0, textWidth(cell));
  }
  const last = widths.length - 1;
  const before = widths.slice(0, -1).reduce((sum, w) => sum + w + 2, textWidth(indent));
  const room = width === undefined ? widths[last] : Math.max(MIN_LAST, width - before);
  widths[last] = Math.min(widths[last], room);
  return lines
    .map((line) => {
      const cells = line.map((full, c) => {
        const cell = c === last ? fit(full, widths[c]) : full;
        const pad = ' '.repeat(widths[c] - textWidth(cell));
        return right.has(c) ? pad + cell : cell + pad;
      });
      return (indent + cells.join('  ')).trimEnd();
    })
    .join('\n');
}

/** Number of columns that a text takes in a terminal, as far as code points tell. */
export function textWidth(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

/** Cuts a text without colours to a width, with … where something is missing. */
export function fit(text: string, width: number): string {
  const points = [...text];
  if (points.length <= width) return text;
  return width <= 0 ? '' : `${points.slice(0, width - 1).join('')}…`;
}
