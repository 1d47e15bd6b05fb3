/** Figure of the number of cells of each type: in total, passing quality control, and sampled. */
import { BETWEEN, compose, GRID, heading, line, MUTED, type Pen, px } from '../drawing/pen.ts';
import { byCodeUnit, count, fit, plural } from '../drawing/text.ts';
import type { Figure } from '../figure.ts';
import type { ReportData } from '../page/data.ts';

const WIDTH = 760;
const LABELS = 230;
const NUMBERS = 150;
const ROW = 18;
const TOTAL = '#c9d1d9';
const PASSING = '#7fb2d9';

export function cellsFigure(pen: Pen, data: ReportData): Figure {
  const { cellTypes: t } = data;
  const order = [...t.label.keys()].sort(
    (a, b) =>
      t.cells_sampled[b] - t.cells_sampled[a] ||
      t.cells_total[b] - t.cells_total[a] ||
      byCodeUnit(t.label[a], t.label[b]),
  );
  const n = order.length;
  const most = t.cells_total.reduce((m, c) => Math.max(m, c), 1);
  const height = 10 + n * ROW + 46;
  const panel = pen.panel({
    width: WIDTH,
    height,
    marginLeft: LABELS,
    marginRight: NUMBERS,
    marginTop: 10,
    marginBottom: 46,
    x: { domain: [0, most], label: 'cells', ticks: 5 },
    y: { axis: null, domain: [n, 0] },
    marks: [
      pen.Plot.gridX({ stroke: GRID, strokeOpacity: 1 }),
      pen.raw((scales) =>
        order
          .map((i, row) => {
            const y = scales.y(row);
            const left = scales.x(0);
            const bar = (cells: number, color: string, inset: number) =>
              cells > 0
                ? `<rect x="${px(left)}" y="${px(y + inset)}" width="${px(scales.x(cells) - left)}" height="${px(ROW - 2 * inset)}" fill="${color}"/>`
                : '';
            const numbers = [t.cells_total[i], t.cells_passing[i], t.cells_sampled[i]].map((cells, k) =>
              line(count(cells), WIDTH - NUMBERS + 52 + k * 48, y + 13, {
                size: 11,
                anchor: 'end',
                fill: k === 2 && cells > 0 ? BETWEEN : MUTED,
              }),
            );
            return (
              line(fit(t.label[i], LABELS - 18, 12), LABELS - 10, y + 13, {
                anchor: 'end',
                fill: t.cells_sampled[i] > 0 ? undefined : MUTED,
              }) +
              bar(t.cells_total[i], TOTAL, 2) +
              bar(t.cells_passing[i], PASSING, 4) +
              bar(t.cells_sampled[i], BETWEEN, 6) +
              numbers.join('')
            );
          })
          .join(''),
      ),
    ],
  });
  const sampled = order.filter((i) => t.cells_sampled[i] > 0).length;
  const title = 'Cells of each type';
  const key = (x: number, color: string, text: string) =>
    `<rect x="${x}" y="34" width="14" height="10" fill="${color}"/>${line(text, x + 20, 43)}`;
  const body = [
    heading(title, WIDTH - 24),
    key(LABELS, TOTAL, 'in the source'),
    key(LABELS + 120, PASSING, 'pass quality control'),
    key(LABELS + 280, BETWEEN, 'sampled'),
    ...['total', 'pass', 'sample'].map((text, k) =>
      line(text, WIDTH - NUMBERS + 52 + k * 48, 56, { size: 10, anchor: 'end', fill: MUTED }),
    ),
    compose([{ panel, x: 0, y: 54 }]),
  ].join('\n');
  return {
    name: 'cell-types',
    section: 'cells',
    title,
    caption:
      `Labelled cells in the source, those that pass quality control, and those that were sampled and measured. ` +
      `${plural(sampled, 'type')} of ${n} took part; a type with too few passing cells is left out (grey name).`,
    alt: `Bars of cell numbers for ${plural(n, 'type')}, ${sampled} of them sampled.`,
    width: WIDTH,
    height: height + 58,
    body,
  };
}
