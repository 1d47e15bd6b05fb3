/** Figure of two measures over all pairs of cells: hexagonal histograms within types and between types. */
import { axisLabel, extent } from '../drawing/axes.ts';
import { compose, GRID, heading, line, type Pen, px } from '../drawing/pen.ts';
import { byLevel, openRamp } from '../drawing/ramp.ts';
import { count, plural, slug } from '../drawing/text.ts';
import type { Figure } from '../figure.ts';
import type { ReportData } from '../page/data.ts';

const WIDTH = 760;
/** Size of a panel, whose area inside the axes is square, as the grid of hexagons requires. */
const PANEL = { width: 380, height: 364 };
const MARGIN = { left: 56, right: 16, top: 12, bottom: 44 };

export function jointFigure(pen: Pen, data: ReportData, x: string, y: string): Figure {
  const { joint } = data;
  const rows = [...joint.x_measure.keys()].filter(
    (i) => joint.x_measure[i] === x && joint.y_measure[i] === y && joint.pairs[i] > 0,
  );
  const domainX = extent(rows.map((i) => joint.x[i]));
  const domainY = extent(rows.map((i) => joint.y[i]));
  const most = rows.reduce((m, i) => Math.max(m, joint.pairs[i]), 1);
  const ramp = openRamp(pen, { type: 'log', domain: [1, most] });
  const mx = data.measures.findIndex((m) => m.name === x);
  const my = data.measures.findIndex((m) => m.name === y);

  const panels = (['within', 'between'] as const).map((scope) => {
    const shown = rows.filter((i) => joint.scope[i] === scope);
    const pairs = shown.reduce((sum, i) => sum + joint.pairs[i], 0);
    const panel = pen.panel({
      ...PANEL,
      marginLeft: MARGIN.left,
      marginTop: MARGIN.top,
      marginBottom: MARGIN.bottom,
      marginRight: MARGIN.right,
      x: {
        domain: domainX,
        label: axisLabel(data.measures[mx], data.distributions[mx].orientation, 340),
        ticks: 6,
      },
      y: {
        domain: domainY,
        label: axisLabel(data.measures[my], data.distributions[my].orientation, 340),
        ticks: 6,
      },
      marks: [
        pen.Plot.frame({ stroke: GRID }),
        pen.raw((scales) => {
          const hexagons = shown.map((i) => {
            const w = Math.abs(scales.x(joint.step_x[i]) - scales.x(0)) / 2;
            const r = (Math.abs(scales.y(joint.step_y[i]) - scales.y(0)) * 2) / 3;
            const edge = `l${px(w)} ${px(r / 2)}v${px(r)}l${px(-w)} ${px(r / 2)}l${px(-w)} ${px(-r / 2)}v${px(-r)}z`;
            return {
              level: ramp.level(joint.pairs[i]),
              markup: `<path d="M${px(scales.x(joint.x[i]))} ${px(scales.y(joint.y[i]) - r)}${edge}"/>`,
            };
          });
          // A thin stroke closes the seams between neighbours.
          return `<g stroke-width="0.5">${byLevel(ramp, hexagons)}</g>`;
        }),
      ],
    });
    return { scope, panel, pairs };
  });

  const body = [
    heading(`${x} and ${y}, pair by pair`, WIDTH - 24),
    ...panels.map(({ scope, pairs }, k) =>
      line(`${scope} types · ${plural(pairs, 'pair')} of cells`, k * PANEL.width + MARGIN.left, 44, {
        weight: 600,
      }),
    ),
    compose([
      ...panels.map(({ panel }, k) => ({ panel, x: k * PANEL.width, y: 48 })),
      { panel: ramp.legend(320, 'pairs of cells in a hexagon (log scale)'), x: 220, y: 418 },
    ]),
  ].join('\n');

  const [within, between] = panels.map(({ pairs }) => pairs);
  return {
    name: `joint-${slug(x)}--${slug(y)}`,
    section: 'joint',
    title: `${x} and ${y}, pair by pair`,
    caption:
      `Every pair of sampled cells with a value in both measures falls in one hexagon: ${count(within)} pairs within a ` +
      `type (left), ${count(between)} between types (right). Axes and the logarithmic colour scale are the ` +
      `same on both sides. Where the two measures agree, pairs gather along a line; a wide cloud means that ` +
      `one measure cannot be read off the other.`,
    alt: `Two hexagonal histograms with ${x} across and ${y} upwards: ${count(within)} pairs within types, ${count(between)} between.`,
    width: WIDTH,
    height: 470,
    body,
  };
}
