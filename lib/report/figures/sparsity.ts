/** Figure of the share of genes without a count per cell: all cells of the source and the sampled ones. */
import { BETWEEN, compose, GRID, heading, line, MARGINS, MUTED, type Pen, px } from '../drawing/pen.ts';
import { count } from '../drawing/text.ts';
import type { Figure } from '../figure.ts';
import type { ReportData } from '../page/data.ts';

const WIDTH = 760;
const HEIGHT = 240;

export function sparsityFigure(pen: Pen, data: ReportData): Figure {
  const { sparsity: t } = data;
  const series = [
    { scope: 'all', label: 'all cells', color: MUTED, opacity: 0.35, rows: [] as number[] },
    { scope: 'sampled', label: 'sampled cells', color: BETWEEN, opacity: 0.1, rows: [] as number[] },
  ].map((s) => {
    const rows = [...t.scope.keys()].filter((i) => t.scope[i] === s.scope);
    rows.sort((a, b) => t.bin_start[a] - t.bin_start[b]);
    const cells = rows.reduce((sum, i) => sum + t.cells[i], 0);
    const bins = rows.map((i) => ({
      start: t.bin_start[i],
      end: t.bin_end[i],
      share: cells > 0 ? t.cells[i] / cells : 0,
    }));
    return { ...s, cells, bins };
  });
  // The axis covers only the occupied bins: a sparse atlas has none below 80 %.
  const filled = series.flatMap(({ bins }) => bins.filter(({ share }) => share > 0));
  const low = filled.reduce((m, { start }) => Math.min(m, start), 1);
  const high = filled.reduce((m, { end }) => Math.max(m, end), 0);
  const domain: [number, number] = high > low ? [low, high] : [0, 1];
  const highest = filled.reduce((m, { share }) => Math.max(m, share), 0) || 1;

  const panel = pen.panel({
    width: WIDTH,
    height: HEIGHT,
    ...MARGINS,
    x: {
      domain,
      label: 'share of genes without a count in the cell',
      tickFormat: '~%',
      ticks: 8,
    },
    y: {
      domain: [0, highest * 1.05],
      label: 'share of cells',
      tickFormat: '~%',
      ticks: 5,
    },
    marks: [
      pen.Plot.gridY({ stroke: GRID, strokeOpacity: 0.6, ticks: 5 }),
      pen.Plot.ruleY([0], { stroke: MUTED }),
      pen.raw((scales) =>
        series
          .map(({ bins, color, opacity }) => {
            const shown = bins.filter(
              ({ start, end }) => start >= domain[0] - 1e-9 && end <= domain[1] + 1e-9,
            );
            if (shown.length === 0) return '';
            const path = `M${px(scales.x(shown[0].start))} ${px(scales.y(0))}${shown
              .map(({ end, share }) => `V${px(scales.y(share))}H${px(scales.x(end))}`)
              .join('')}V${px(scales.y(0))}`;
            return `<path d="${path}z" fill="${color}" fill-opacity="${opacity}"/><path d="${path}" fill="none" stroke="${color}" stroke-width="1.5"/>`;
          })
          .join(''),
      ),
    ],
  });
  const title = 'Sparsity of the cells';
  const body = [
    heading(title, WIDTH - 24),
    ...series.map(
      ({ label, color, opacity, cells }, k) =>
        `<rect x="${60 + k * 210}" y="33" width="14" height="10" fill="${color}" fill-opacity="${opacity}" stroke="${color}"/>` +
        line(`${label} (${count(cells)})`, 80 + k * 210, 43),
    ),
    compose([{ panel, x: 0, y: 48 }]),
  ].join('\n');
  return {
    name: 'sparsity',
    section: 'sparsity',
    title,
    caption:
      `For each cell the share of the source's genes in which nothing was counted; ${count(series[0].cells)} cells of the source ` +
      `and ${count(series[1].cells)} sampled ones, each as shares of its own total. The emptier the cells, the more a rank ` +
      `correlation is decided by which genes are detected rather than by their order.`,
    alt: `Histograms of per-cell sparsity of all cells and of sampled cells, between ${Math.round(100 * domain[0])} and ${Math.round(100 * domain[1])} per cent.`,
    width: WIDTH,
    height: HEIGHT + 52,
    body,
  };
}
