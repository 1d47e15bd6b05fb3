/** Figure of all measures: share of the same type among the pairs that are most alike. */
import { palette } from '../drawing/palette.ts';
import { compose, GRID, heading, line, MARGINS, MUTED, type Pen, px } from '../drawing/pen.ts';
import { fit, percent, plural } from '../drawing/text.ts';
import type { Figure } from '../figure.ts';
import type { ReportData } from '../page/data.ts';

const WIDTH = 760;
const HEIGHT = 320;
const LEGEND_ROW = 18;

/** Point of the figure: one cut-off of a measure. */
interface Point {
  /** Share of all pairs that are related. */
  readonly related: number;
  /** Mean over cells of the share of their relations that are of their own type. */
  readonly sameType: number;
  /** Whether more than half of the cells have no relation, and so do not contribute. */
  readonly few: boolean;
}

/** Draws the figure; undefined if no measure has a relation at any cut-off. */
export function relationsFigure(pen: Pen, data: ReportData): Figure | undefined {
  const colors = palette(data.measures.length);
  const series = data.measures
    .map(({ name }, i) => ({ name, color: colors[i], points: pointsOf(data, name) }))
    .filter(({ points }) => points.length > 0);
  if (series.length === 0) return undefined;
  const chance = chanceOf(data);
  const least = Math.min(0.1, ...series.flatMap(({ points }) => points.map(({ related }) => related)));

  const panel = pen.panel({
    width: WIDTH,
    height: HEIGHT,
    ...MARGINS,
    x: {
      type: 'log',
      domain: [least, 1],
      label: 'share of all pairs of cells that are related (← fewer, more alike)',
      ticks: 6,
      tickFormat: (share: number) => `${Number((100 * share).toPrecision(1))}%`,
    },
    y: {
      domain: [0, 1],
      label: 'same type',
      ticks: 5,
      tickFormat: '~%',
    },
    marks: [
      pen.Plot.gridY({ stroke: GRID, strokeOpacity: 0.6, ticks: 5 }),
      pen.Plot.frame({ stroke: GRID }),
      pen.raw((scales) => {
        if (chance === undefined) return '';
        const y = px(scales.y(chance));
        return `<path d="M${px(scales.x(least))} ${y}H${px(scales.x(1))}" stroke="${MUTED}" stroke-width="1.5" stroke-dasharray="5 3"/>`;
      }),
      pen.raw((scales) =>
        series
          .map(({ color, points }) => {
            const at = points.map(
              ({ related, sameType }) => `${px(scales.x(related))} ${px(scales.y(sameType))}`,
            );
            const dots = at.map(
              (place, i) =>
                `<circle transform="translate(${place.replace(' ', ',')})" r="3"${points[i].few ? ' fill="#fff"' : ''}/>`,
            );
            return `<path d="M${at.join('L')}" fill="none" stroke="${color}" stroke-width="1.5"/><g fill="${color}" stroke="${color}">${dots.join('')}</g>`;
          })
          .join(''),
      ),
    ],
  });
  const title = 'Of the cells that are most alike, how many are of one type?';
  const legend = series.map(({ name, color }, i) => {
    const [x, y] = [60 + (i % 3) * 230, 43 + Math.floor(i / 3) * LEGEND_ROW];
    return `<path d="M${x} ${y - 4}h16" stroke="${color}" stroke-width="2"/>${line(fit(name, 200, 12), x + 22, y)}`;
  });
  const top = 30 + Math.ceil(series.length / 3) * LEGEND_ROW;
  return {
    name: 'relations',
    section: 'relations',
    title,
    caption:
      'Two cells are called related if their measure reaches a cut-off; each point is a cut-off. Across: the share of all ' +
      'pairs that are related at it, so that measures of any unit can be laid over each other. Upwards: the share of a ' +
      'cell’s relations that are of its own type, as a mean over the cells that have any.' +
      ' Hollow: more than half of the cells have none.' +
      (chance === undefined ? '' : ` Dashed: the share among all pairs, ${percent(chance)}.`),
    alt: `Line plot of ${plural(series.length, 'measure')}: ${series
      .map(({ name, points: [first] }) => `${name} ${percent(first.sameType)} at its strictest cut-off`)
      .join(', ')}.`,
    width: WIDTH,
    height: top + HEIGHT,
    body: [heading(title, WIDTH - 24), ...legend, compose([{ panel, x: 0, y: top }])].join('\n'),
  };
}

/** Returns the cut-offs of a measure at which there are relations, by ascending number of relations. */
function pointsOf({ cutoffs: t, sample }: ReportData, measure: string): Point[] {
  const cells = sample.genes.length;
  const related = new Map<number, number>();
  const sameType = new Map<number, number>();
  const none = new Map<number, number>();
  for (let row = 0; row < t.measure.length; row++) {
    if (t.measure[row] !== measure || t.batch_relation[row] !== 'any') continue;
    related.set(t.cutoff[row], (related.get(t.cutoff[row]) ?? 0) + t.pairs[row]);
    none.set(t.cutoff[row], t.cells_with_none[row]);
    if (t.relation[row] === 'same_label') sameType.set(t.cutoff[row], t.mean_fraction[row]);
  }
  return [...related]
    .filter(([, pairs]) => pairs > 0)
    .map(([cutoff, pairs]) => ({
      related: pairs / ((cells * (cells - 1)) / 2),
      sameType: sameType.get(cutoff)!,
      few: none.get(cutoff)! > cells / 2,
    }))
    .sort((a, b) => a.related - b.related);
}

function chanceOf({ cutoffs: t }: ReportData): number | undefined {
  const row = t.relation.findIndex(
    (relation, i) => relation === 'same_label' && t.batch_relation[i] === 'any',
  );
  return row < 0 || Number.isNaN(t.chance[row]) ? undefined : t.chance[row];
}
