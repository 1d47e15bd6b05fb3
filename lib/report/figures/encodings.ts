/** Figure of the statistics of encodings: a dot with its interval for each, ceilings and floors as lines across. */
import {
  BETWEEN,
  compose,
  FONT_SIZE,
  GRID,
  heading,
  line,
  MUTED,
  type Pen,
  px,
  WITHIN,
} from '../drawing/pen.ts';
import { fit, fixed, plural } from '../drawing/text.ts';
import type { Figure } from '../figure.ts';
import type { ReportData } from '../page/data.ts';
import { type EncodingLine, summarizeEncodings, type Told } from '../sections/encoding-rows.ts';

const WIDTH = 760;
const NAMES = 150;
const ROW = 22;
const TOP = 46;
const LEGEND = 18;

/** Draws the figure; undefined if no encoding was compared with a reference. */
export function encodingsFigure(pen: Pen, { encodings }: ReportData): Figure | undefined {
  const summary = summarizeEncodings(encodings);
  if (summary === undefined) return undefined;
  const { k, metric, reference, lines } = summary;
  const rows = lines.filter(({ role }) => role === 'reference' || role === 'encoding');
  const limits = lines.filter(({ role }) => role === 'ceiling' || role === 'floor');
  const columns: { title: string; pick: (line: EncodingLine) => Told }[] = [
    { title: 'AUROC', pick: ({ auroc }) => auroc },
  ];
  if (k !== undefined) {
    columns.push({ title: `overlap of ${plural(k, 'neighbour')}`, pick: ({ overlap }) => overlap });
    columns.push({ title: `same type among ${k}`, pick: ({ purity }) => purity });
  }
  const width = (WIDTH - NAMES) / columns.length;
  const height = rows.length * ROW + 50;
  const panels = columns.map(({ title, pick }, c) => ({
    panel: panelOf(
      pen,
      title,
      rows.map(pick),
      limits.map((own) => ({ ...pick(own), role: own.role })),
      {
        width,
        height,
      },
    ),
    x: NAMES + c * width,
    y: TOP + LEGEND,
  }));
  const title = `What each encoding keeps of ${reference}`;
  const names = rows.map(({ name }, i) =>
    line(fit(name, NAMES - 14, FONT_SIZE), 8, TOP + LEGEND + 12 + (i + 0.5) * ROW + 4),
  );
  const legend = [
    ['ceilings', BETWEEN],
    ['floors', WITHIN],
  ].map(
    ([text, color], i) =>
      `<path d="M${NAMES + 8 + i * 100} ${TOP - 4}h16" stroke="${color}" stroke-width="1.5" stroke-dasharray="4 3"/>${line(text, NAMES + 30 + i * 100, TOP)}`,
  );
  return {
    name: 'encodings',
    section: 'encodings',
    title,
    caption:
      `Metric: ${metric}; bars are 95% intervals over resampled cells. AUROC: the chance that a same-type pair of cells is more ` +
      'similar than a different-type pair. ' +
      (k === undefined
        ? ''
        : `Overlap: Jaccard index of the ${k} nearest neighbours and those in ${reference}. Same type: share of neighbours of the cell's type, mean over types. `) +
      `Dashed lines are the ceilings and floors named in the table.`,
    alt: `Dot plot of ${plural(rows.length, 'encoding')}: ${rows
      .map(({ name, auroc }) => `${name} AUROC ${fixed(auroc.value, 3)}`)
      .join(', ')}.`,
    width: WIDTH,
    height: TOP + LEGEND + height,
    body: [heading(title, WIDTH - 24), ...legend, ...names, compose(panels)].join('\n'),
  };
}

type Limit = Told & { readonly role: string };

function panelOf(
  pen: Pen,
  title: string,
  values: readonly Told[],
  limits: readonly Limit[],
  size: { width: number; height: number },
) {
  const all = [...values, ...limits].flatMap(({ value, lo, hi }) => [value, lo, hi]);
  const known = all.filter((value) => Number.isFinite(value));
  const [least, most] = known.length === 0 ? [0, 1] : [Math.min(...known), Math.max(...known)];
  const margin = 0.05 * (most - least || 1);
  return pen.panel({
    ...size,
    marginLeft: 10,
    marginRight: 10,
    marginTop: 12,
    marginBottom: 38,
    x: {
      domain: [least - margin, most + margin],
      label: title,
      ticks: 4,
    },
    y: { domain: [values.length, 0], axis: null },
    marks: [
      pen.Plot.gridX({ stroke: GRID, strokeOpacity: 0.6, ticks: 4 }),
      pen.Plot.frame({ stroke: GRID }),
      pen.raw((scales) =>
        limits
          .filter(({ value }) => Number.isFinite(value))
          .map(({ value, role }) => {
            const [x, from, to] = [scales.x(value), scales.y(0), scales.y(values.length)].map(px);
            const color = role === 'ceiling' ? BETWEEN : WITHIN;
            return `<path d="M${x} ${from}V${to}" stroke="${color}" stroke-width="1.5" stroke-dasharray="4 3"/>`;
          })
          .join(''),
      ),
      pen.raw((scales) =>
        values
          .map(({ value, lo, hi }, i) => {
            if (!Number.isFinite(value)) return '';
            const y = px(scales.y(i + 0.5));
            const bar = Number.isFinite(lo)
              ? `<path d="M${px(scales.x(lo))} ${y}H${px(scales.x(hi))}" stroke="${MUTED}" stroke-width="2"/>`
              : '';
            return `${bar}<circle cx="${px(scales.x(value))}" cy="${y}" r="3.5"/>`;
          })
          .join(''),
      ),
    ],
  });
}
