/** Figure of one measure: heat map of the medians of all pairs of types. */
import { alike, metricName } from '../drawing/axes.ts';
import { compose, heading, line, type Pen, px } from '../drawing/pen.ts';
import { byLevel, LEVELS, openRamp } from '../drawing/ramp.ts';
import { decimalsFor, fit, fixed, plural, slug, textWidth, value } from '../drawing/text.ts';
import type { Figure } from '../figure.ts';
import type { ReportData } from '../page/data.ts';
import type { TypeMatrices } from '../page/type-pairs.ts';

const WIDTH = 760;
const LABELS = 190;
/** Number of types up to which the medians are written in the cells. */
const WRITTEN = 12;

/** Draws the heat map. `order` has the numbers of the types, from the top left. */
export function heatmapFigure(
  pen: Pen,
  data: ReportData,
  matrices: TypeMatrices,
  index: number,
  order: readonly number[],
): Figure {
  const measure = data.measures[index];
  const { orientation } = data.distributions[index];
  const { types } = matrices;
  const n = types.length;
  const { median } = matrices.byMeasure.get(measure.name)!;
  const known = median.filter((m) => Number.isFinite(m));
  const domain = known.reduce<[number, number]>(
    ([low, high], m) => [Math.min(low, m), Math.max(high, m)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  const ramp = openRamp(pen, {
    type: 'linear',
    domain: known.length > 0 ? domain : [0, 1],
    reverse: orientation === 'distance',
  });

  // Cells have a minimum size, so that names are legible; the picture grows instead.
  const size = Math.max(10, Math.min(56, (WIDTH - LABELS - 20) / Math.max(1, n)));
  const fontSize = Math.min(12, size * 0.86);
  const side = size * n;
  const top = 40;
  // Column names are vertical, below the square.
  const longest = Math.min(150, Math.max(...types.map((type) => textWidth(type, fontSize)), 0) + 4);
  const decimals = decimalsFor(Math.max(...domain.map(Math.abs)), domain[1] < 1 ? 2 : 3);
  const cells: { level: number; markup: string }[] = [];
  const numbers: string[] = [];
  for (let r = 0; r < n; r++) {
    for (let c = 0; c < n; c++) {
      const m = median[order[r] * n + order[c]];
      const x = LABELS + c * size;
      const y = top + r * size;
      if (Number.isNaN(m)) continue;
      const level = ramp.level(m);
      cells.push({ level, markup: `<path d="M${px(x)} ${px(y)}h${px(size)}v${px(size)}h${px(-size)}z"/>` });
      if (n <= WRITTEN) {
        const bright = (orientation === 'distance' ? LEVELS - 1 - level : level) > LEVELS * 0.55;
        numbers.push(
          line(fixed(m, decimals), x + size / 2, y + size / 2 + 4, {
            size: 11,
            anchor: 'middle',
            fill: bright ? '#000' : '#fff',
          }),
        );
      }
    }
  }
  const names = order.map((type, k) => {
    const middle = (k + 0.5) * size;
    const text = fit(types[type], LABELS - 16, fontSize);
    const below = fit(types[type], longest, fontSize);
    const x = LABELS + middle + fontSize * 0.35;
    return (
      line(text, LABELS - 6, top + middle + fontSize * 0.35, { size: fontSize, anchor: 'end' }) +
      `<g transform="translate(${px(x)},${px(top + side + 6)}) rotate(-90)">${line(below, 0, 0, { size: fontSize, anchor: 'end' })}</g>`
    );
  });
  const title = `${measure.name}: medians of all type pairs`;
  const legend = ramp.legend(320, `${metricName(measure.metric)} (${alike(orientation)})`);
  const legendTop = top + side + longest + 16;
  const body = [
    heading(title, WIDTH - 24),
    `<rect x="${LABELS}" y="${top}" width="${px(side)}" height="${px(side)}" fill="#e3e6e9"/>`,
    `<g shape-rendering="crispEdges" stroke-width="0">${byLevel(ramp, cells)}</g>`,
    ...numbers,
    ...names,
    compose([{ panel: legend, x: LABELS - 12, y: legendTop }]),
  ].join('\n');

  return {
    name: `heatmap-${slug(measure.name)}`,
    section: 'heatmap',
    title,
    caption:
      `Each square is the median over all pairs of a cell of the row's type and a cell of the column's type; on the ` +
      `diagonal, pairs of different cells of one type. Bright is more alike${known.length < median.length ? ', grey has no value' : ''}. ` +
      `All heat maps have the same order of types: average-linkage clustering of ${data.measures[0].name}.`,
    alt: `Heat map of ${n} × ${n} type medians, from ${value(known.length > 0 ? domain[0] : null)} to ${value(known.length > 0 ? domain[1] : null)}; ${plural(n, 'type')} on both axes.`,
    width: Math.max(WIDTH, Math.ceil(LABELS + side + 20)),
    height: Math.ceil(legendTop + 52),
    body,
  };
}
