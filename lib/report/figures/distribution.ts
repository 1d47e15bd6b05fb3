/** Figure of one measure: distribution of its values over pairs within types and over pairs between types. */
import { axisLabel } from '../drawing/axes.ts';
import { BETWEEN, compose, GRID, heading, line, MARGINS, type Pen, px, WITHIN } from '../drawing/pen.ts';
import { count, fixed, slug, value } from '../drawing/text.ts';
import type { Figure } from '../figure.ts';
import type { ReportData } from '../page/data.ts';

const WIDTH = 760;
const HEIGHT = 260;

export function distributionFigure(pen: Pen, data: ReportData, index: number): Figure {
  const measure = data.measures[index];
  const distribution = data.distributions[index];
  const { edges } = distribution.histogram;
  const shares = (counts: readonly number[]) => {
    const total = counts.reduce((sum, c) => sum + c, 0);
    return counts.map((c) => (total > 0 ? c / total : 0));
  };
  const series = [
    {
      name: 'between',
      label: 'between types',
      color: BETWEEN,
      shares: shares(distribution.histogram.between),
    },
    { name: 'within', label: 'within types', color: WITHIN, shares: shares(distribution.histogram.within) },
  ] as const;
  const highest = series.reduce((m, s) => s.shares.reduce((a, b) => Math.max(a, b), m), 0) || 1;
  const domain = edges.length > 1 ? [edges[0], edges[edges.length - 1]] : [0, 1];

  const panel = pen.panel({
    width: WIDTH,
    height: HEIGHT,
    ...MARGINS,
    x: {
      domain,
      label: axisLabel(measure, distribution.orientation, 640),
    },
    y: {
      domain: [0, highest * 1.05],
      label: 'share of pairs in a bin',
      ticks: 5,
      tickFormat: '~%',
    },
    marks: [
      pen.Plot.gridY({ stroke: GRID, strokeOpacity: 0.6, ticks: 5 }),
      pen.Plot.ruleY([0], { stroke: '#5c6670' }),
      pen.raw((scales) =>
        series
          .map(({ color, shares }) => {
            const steps = shares.map(
              (s, i) => `${i === 0 ? '' : `H${px(scales.x(edges[i]))}`}V${px(scales.y(s))}`,
            );
            const outline = `M${px(scales.x(edges[0]))} ${px(scales.y(0))}${steps.join('')}H${px(scales.x(edges[edges.length - 1]))}V${px(scales.y(0))}`;
            return shares.length === 0
              ? ''
              : `<path d="${outline}z" fill="${color}" fill-opacity="0.25"/><path d="${outline}" fill="none" stroke="${color}" stroke-width="1.5"/>`;
          })
          .join(''),
      ),
      pen.raw((scales) =>
        series
          .map(({ name, color }) => {
            const { median } = distribution[name];
            if (median === null) return '';
            const x = px(scales.x(median));
            return `<path d="M${x} ${px(scales.y(highest * 1.05))}V${px(scales.y(0))}" stroke="${color}" stroke-width="1.5" stroke-dasharray="5 3"/>`;
          })
          .join(''),
      ),
    ],
  });

  const { within, between, auroc } = distribution;
  const title = `${measure.name}: within and between types`;
  const key = (x: number, color: string, text: string) =>
    `<rect x="${x}" y="33" width="14" height="10" fill="${color}" fill-opacity="0.25" stroke="${color}"/>${line(text, x + 20, 43)}`;
  const body = [
    heading(title, WIDTH - 160),
    line(`AUROC ${fixed(auroc, 3)}`, WIDTH - 16, 20, { size: 14, weight: 600, anchor: 'end' }),
    key(60, WITHIN, `within types, median ${value(within.median)}`),
    key(290, BETWEEN, `between types, median ${value(between.median)}`),
    compose([{ panel, x: 0, y: 48 }]),
  ].join('\n');

  return {
    name: `distribution-${slug(measure.name)}`,
    section: 'distribution',
    title,
    caption:
      `All pairs of sampled cells: ${count(within.n)} within types and ${count(between.n)} between types, each as shares of ` +
      `its own total. Dashed lines are the medians. AUROC ${fixed(auroc, 3)}: the chance that a pair within a type is ` +
      `more alike than a pair between types.`,
    alt: `Two histograms. Within types: median ${value(within.median)}. Between types: median ${value(between.median)}. AUROC ${fixed(auroc, 3)}.`,
    width: WIDTH,
    height: HEIGHT + 52,
    body,
  };
}
