/** Figure of two measures over pairs of types: one point per pair of types, at its medians in both. */
import { axisLabel, extent } from '../drawing/axes.ts';
import { placeLabels } from '../drawing/labels.ts';
import { BETWEEN, compose, GRID, heading, line, type Pen, px, WITHIN } from '../drawing/pen.ts';
import { escapeMarkup, fit, plural, slug } from '../drawing/text.ts';
import type { Figure } from '../figure.ts';
import type { ReportData } from '../page/data.ts';
import type { TypeMatrices } from '../page/type-pairs.ts';

const WIDTH = 760;
const HEIGHT = 560;
const MARGIN = { left: 60, right: 16, top: 14, bottom: 46 };

export function mediansFigure(
  pen: Pen,
  data: ReportData,
  matrices: TypeMatrices,
  x: string,
  y: string,
): Figure {
  const { types } = matrices;
  const n = types.length;
  const mx = matrices.byMeasure.get(x)!.median;
  const my = matrices.byMeasure.get(y)!.median;
  const points: { i: number; j: number; x: number; y: number }[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      const at = i * n + j;
      if (Number.isFinite(mx[at]) && Number.isFinite(my[at])) points.push({ i, j, x: mx[at], y: my[at] });
    }
  }
  const within = points.filter(({ i, j }) => i === j);
  const between = points.filter(({ i, j }) => i !== j);
  const ix = data.measures.findIndex((m) => m.name === x);
  const iy = data.measures.findIndex((m) => m.name === y);
  const opacity = between.length > 1000 ? 0.3 : between.length > 200 ? 0.5 : 0.7;
  let unlabelled = 0;

  const panel = pen.panel({
    width: WIDTH,
    height: HEIGHT,
    marginLeft: MARGIN.left,
    marginRight: MARGIN.right,
    marginTop: MARGIN.top,
    marginBottom: MARGIN.bottom,
    x: {
      domain: extent(points.map((p) => p.x)),
      label: axisLabel(data.measures[ix], data.distributions[ix].orientation, 640),
      ticks: 8,
    },
    y: {
      domain: extent(points.map((p) => p.y)),
      label: axisLabel(data.measures[iy], data.distributions[iy].orientation, 460),
      ticks: 8,
    },
    marks: [
      pen.Plot.gridX({ stroke: GRID, strokeOpacity: 0.6, ticks: 8 }),
      pen.Plot.gridY({ stroke: GRID, strokeOpacity: 0.6, ticks: 8 }),
      pen.Plot.frame({ stroke: GRID }),
      pen.raw((scales) => {
        const dots = between.map(
          (p) => `<circle cx="${px(scales.x(p.x))}" cy="${px(scales.y(p.y))}" r="2.5"/>`,
        );
        return `<g fill="${BETWEEN}" fill-opacity="${opacity}">${dots.join('')}</g>`;
      }),
      pen.raw((scales) => {
        const at = within.map((p) => ({
          x: scales.x(p.x),
          y: scales.y(p.y),
          text: fit(types[p.i], 170, 11),
        }));
        const placed = placeLabels(
          at,
          { x1: MARGIN.left, y1: MARGIN.top, x2: WIDTH - MARGIN.right, y2: HEIGHT - MARGIN.bottom },
          11,
          4.5,
        );
        unlabelled = within.length - placed.length;
        const dots = at.map((p) => `<circle cx="${px(p.x)}" cy="${px(p.y)}" r="4.5"/>`).join('');
        const names = placed
          .map(
            (p) =>
              `<text x="${px(p.x)}" y="${px(p.y)}" text-anchor="${p.anchor}">${escapeMarkup(at[p.index].text)}</text>`,
          )
          .join('');
        return (
          `<g fill="${WITHIN}" stroke="#fff" stroke-width="1">${dots}</g>` +
          `<g font-size="11" stroke="#fff" stroke-width="3" stroke-linejoin="round" paint-order="stroke">${names}</g>`
        );
      }),
    ],
  });

  const title = `${x} and ${y}, medians of type pairs`;
  const body = [
    heading(title, WIDTH - 24),
    `<circle cx="66" cy="39" r="4.5" fill="${WITHIN}"/>`,
    line(`within a type (${within.length})`, 76, 43),
    `<circle cx="206" cy="39" r="3" fill="${BETWEEN}"/>`,
    line(`between two types (${between.length})`, 215, 43),
    compose([{ panel, x: 0, y: 48 }]),
  ].join('\n');

  return {
    name: `medians-${slug(x)}--${slug(y)}`,
    section: 'medians',
    title,
    caption:
      `Orange: one point a type, the median over all pairs of its own cells. Blue: one point a pair of types, the ` +
      `median over all pairs of a cell of one and a cell of the other.` +
      (unlabelled > 0
        ? ` ${plural(unlabelled, 'type')} ${unlabelled === 1 ? 'goes' : 'go'} without a name where names would overlap.`
        : ''),
    alt: `Scatter plot of ${plural(within.length, 'type')} and ${plural(between.length, 'pair')} of types by their medians in ${x} (across) and ${y} (upwards).`,
    width: WIDTH,
    height: HEIGHT + 52,
    body,
  };
}
