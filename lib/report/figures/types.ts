/** Figure of one measure by type: similarity of the cells of a type, compared with the type closest to it. */
import { axisLabel, extent } from '../drawing/axes.ts';
import { BETWEEN, compose, GRID, heading, line, MUTED, type Pen, px, WITHIN } from '../drawing/pen.ts';
import { byCodeUnit, fit, plural, slug, value } from '../drawing/text.ts';
import type { Figure } from '../figure.ts';
import type { ReportData } from '../page/data.ts';
import { closestOthers, type TypeMatrices } from '../page/type-pairs.ts';

const WIDTH = 760;
const LABELS = 230;
const ROW = 18;

export function typesFigure(pen: Pen, data: ReportData, matrices: TypeMatrices, index: number): Figure {
  const measure = data.measures[index];
  const { orientation, between } = data.distributions[index];
  const matrix = matrices.byMeasure.get(measure.name)!;
  const n = matrices.types.length;
  const closest = closestOthers(matrix, n, orientation === 'similarity');
  const sign = orientation === 'similarity' ? -1 : 1;
  // Most alike first; types without a value last, by name.
  const order = matrices.types
    .map((type, i) => ({ type, i, median: matrix.median[i * n + i] }))
    .sort(
      (a, b) =>
        Number(Number.isNaN(a.median)) - Number(Number.isNaN(b.median)) ||
        (Number.isNaN(a.median) ? 0 : sign * (a.median - b.median)) ||
        byCodeUnit(a.type, b.type),
    );
  const nearest = (i: number) => (closest[i] < 0 ? Number.NaN : matrix.median[i * n + closest[i]]);
  const domain = extent([...matrix.within.q05, ...matrix.within.q95, ...order.map(({ i }) => nearest(i))]);
  const height = 14 + n * ROW + 46;

  const panel = pen.panel({
    width: WIDTH,
    height,
    marginLeft: LABELS,
    marginRight: 16,
    marginTop: 14,
    marginBottom: 46,
    x: {
      domain,
      label: axisLabel(measure, orientation, WIDTH - LABELS),
    },
    y: { axis: null, domain: [n, 0] },
    marks: [
      pen.Plot.gridX({ stroke: GRID, strokeOpacity: 1 }),
      pen.raw((scales) => {
        const middle = (row: number) => scales.y(row + 0.5);
        const lines: string[] = [];
        if (between.median !== null) {
          const x = px(scales.x(between.median));
          lines.push(
            `<path d="M${x} ${px(scales.y(0))}V${px(scales.y(n))}" stroke="${BETWEEN}" stroke-width="1.5" stroke-dasharray="5 3"/>`,
          );
        }
        for (const [row, { type, i, median }] of order.entries()) {
          const y = middle(row);
          lines.push(line(fit(type, LABELS - 18, 12), LABELS - 10, y + 4, { anchor: 'end' }));
          if (Number.isNaN(median)) {
            lines.push(line('no pair with a value', LABELS + 6, y + 4, { fill: MUTED }));
            continue;
          }
          const { q05, q25, q75, q95 } = matrix.within;
          lines.push(
            `<path d="M${px(scales.x(q05[i]))} ${px(y)}H${px(scales.x(q95[i]))}" stroke="${WITHIN}" stroke-width="1"/>` +
              `<path d="M${px(scales.x(q25[i]))} ${px(y)}H${px(scales.x(q75[i]))}" stroke="${WITHIN}" stroke-width="5" stroke-opacity="0.45"/>` +
              `<circle cx="${px(scales.x(median))}" cy="${px(y)}" r="4" fill="${WITHIN}"/>`,
          );
          const other = nearest(i);
          if (!Number.isNaN(other)) {
            lines.push(
              `<path d="M${px(scales.x(other))} ${px(y - 4.5)}l4.5 4.5l-4.5 4.5l-4.5 -4.5z" fill="#fff" stroke="${BETWEEN}" stroke-width="1.5"/>`,
            );
          }
        }
        return lines.join('');
      }),
    ],
  });

  const title = `${measure.name}: each type`;
  const blurred = order.filter(({ i, median }) => {
    const other = nearest(i);
    return orientation === 'similarity' ? other >= median : other <= median;
  });
  const body = [
    heading(title, WIDTH - 24),
    `<circle cx="18" cy="40" r="4" fill="${WITHIN}"/>`,
    line('within the type: median, quartiles, 5–95%', 28, 44),
    `<path d="M318 35.5l4.5 4.5l-4.5 4.5l-4.5 -4.5z" fill="#fff" stroke="${BETWEEN}" stroke-width="1.5"/>`,
    line('median with the closest other type', 328, 44),
    `<path d="M552 40h22" stroke="${BETWEEN}" stroke-width="1.5" stroke-dasharray="5 3"/>`,
    line('median between types', 580, 44),
    compose([{ panel, x: 0, y: 48 }]),
  ].join('\n');

  return {
    name: `types-${slug(measure.name)}`,
    section: 'types',
    title,
    caption:
      `Orange: all pairs of cells of one type, median with quartiles (thick) and 5% to 95% (thin), most alike at the top. ` +
      `Blue diamond: the median of the pairs with the closest other type. ` +
      (blurred.length === 0
        ? `Every type is more alike to itself than to any other.`
        : `${plural(blurred.length, 'type')} of ${n} ${blurred.length === 1 ? 'is' : 'are'} no more alike to ` +
          `${blurred.length === 1 ? 'itself' : 'themselves'} than to another type (the diamond is on the more alike side of the dot).`),
    alt: `Medians and quartile ranges of ${plural(n, 'type')}, from ${value(order[0]?.median)} at the top downwards; median between types ${value(between.median)}.`,
    width: WIDTH,
    height: height + 52,
    body,
  };
}
