/** Figure of the first two dimensions of an embedding, cells coloured by type. */
import type { Embedding } from '../../data/kinds/types.ts';
import { extent } from '../drawing/axes.ts';
import { placeLabels } from '../drawing/labels.ts';
import { palette } from '../drawing/palette.ts';
import { compose, GRID, heading, line, MUTED, type Pen, px } from '../drawing/pen.ts';
import { byCodeUnit, count, escapeMarkup, fit, slug } from '../drawing/text.ts';
import type { Figure } from '../figure.ts';
import type { EmbeddingInfo } from '../page/data.ts';

const WIDTH = 760;
const SIDE = 520;
const MOST_POINTS = 20_000;
/** Number of types up to which the picture shows their names; beyond, it shows their numbers. */
const NAMED = 12;
const ROW = 15;

/** Draws an embedding, which must have two dimensions or more. */
export function embeddingFigure(pen: Pen, info: EmbeddingInfo, embedding: Embedding): Figure {
  const { dims, values, labels } = embedding;
  const cells = labels.length;
  const types = [...new Set(labels.filter((label) => label !== null))].sort(byCodeUnit);
  const colors = palette(types.length);
  const number = new Map(types.map((type, i) => [type, i]));
  const rows = drawnRows(labels, types);
  const shown = rows.length;
  const at = (cell: number, d: number) => values[cell * dims + d];
  const centres = types.map((_, type) => medianPoint(embedding, (label) => number.get(label) === type));
  // The legend is beside the picture or, with many types, in columns below it.
  const perColumn = Math.floor((SIDE - 20) / ROW);
  const beside = types.length <= perColumn;
  const columns = 3;
  const legendRows = beside ? 0 : Math.ceil(types.length / columns);
  const plotWidth = beside ? SIDE + 50 : WIDTH;
  const diameter = shown > 5000 ? 2.2 : shown > 1000 ? 3 : 5;

  const panel = pen.panel({
    width: plotWidth,
    height: SIDE + 40,
    marginLeft: 60,
    marginRight: 10,
    marginTop: 10,
    marginBottom: 42,
    x: {
      domain: extent(rows.map((c) => at(c, 0))),
      label: 'dimension 1',
    },
    y: {
      domain: extent(rows.map((c) => at(c, 1))),
      label: 'dimension 2',
    },
    marks: [
      pen.Plot.frame({ stroke: GRID }),
      pen.raw((scales) => {
        // A path of zero-length strokes with round ends is a tenth of the size of as many circles. Several layers
        // prevent one type from covering all others.
        const layers = 6;
        const parts: string[] = [];
        for (let layer = 0; layer < layers; layer++) {
          const paths = [...types.map(() => [] as string[]), []];
          for (let k = layer; k < rows.length; k += layers) {
            const cell = rows[k];
            const label = labels[cell];
            paths[label === null ? types.length : number.get(label)!].push(
              `M${dot(scales.x(at(cell, 0)))} ${dot(scales.y(at(cell, 1)))}h0`,
            );
          }
          for (const [type, path] of paths.entries()) {
            if (path.length > 0) parts.push(`<path stroke="${colors[type] ?? GRID}" d="${path.join('')}"/>`);
          }
        }
        return `<g fill="none" stroke-width="${diameter}" stroke-linecap="round">${parts.join('')}</g>`;
      }),
      pen.raw((scales) => {
        const named = types.length <= NAMED;
        const points = centres.map(([x, y], i) => ({
          x: scales.x(x),
          y: scales.y(y),
          text: named ? fit(types[i], 150, 12) : String(i + 1),
        }));
        const area = { x1: 60, y1: 10, x2: plotWidth - 10, y2: SIDE - 2 };
        const texts = named
          ? placeLabels(points, area, 12, 1).map(
              (p) =>
                `<text x="${px(p.x)}" y="${px(p.y)}" text-anchor="${p.anchor}">${escapeMarkup(points[p.index].text)}</text>`,
            )
          : points.map(
              (p) => `<text x="${px(p.x)}" y="${px(p.y + 4)}" text-anchor="middle">${p.text}</text>`,
            );
        return `<g font-size="${named ? 12 : 11}" font-weight="600" stroke="#fff" stroke-width="3" stroke-linejoin="round" paint-order="stroke">${texts.join('')}</g>`;
      }),
    ],
  });

  const legend = types.map((type, i) => {
    const column = beside ? 0 : Math.floor(i / legendRows);
    const row = beside ? i : i % legendRows;
    const x = beside ? plotWidth + 6 : 24 + (column * (WIDTH - 24)) / columns;
    const y = beside ? 50 + row * ROW : SIDE + 90 + row * ROW;
    const width = beside ? WIDTH - x - 20 : (WIDTH - 24) / columns - 26;
    const text = types.length <= NAMED ? type : `${i + 1} ${type}`;
    return `<circle cx="${px(x + 5)}" cy="${px(y - 4)}" r="5" fill="${colors[i]}"/>${line(fit(text, width, 11), x + 14, y, { size: 11 })}`;
  });
  const { companionOf } = info;
  const which =
    companionOf !== undefined
      ? `Drawn is a layout of the same graph in 2 dimensions; measures use the one of ${companionOf}.`
      : dims > 2
        ? `The first 2 of its ${dims} dimensions are drawn; measures use all ${dims}.`
        : '';
  const title = `${info.name}: cells by type`;
  const body = [
    heading(title, plotWidth - 160),
    ...(dims > 2
      ? [line(`2 of ${dims} dimensions`, plotWidth - 10, 20, { anchor: 'end', fill: MUTED })]
      : []),
    compose([{ panel, x: 0, y: 26 }]),
    ...legend,
  ].join('\n');
  return {
    name: `embedding-${slug(info.name)}`,
    section: 'embedding',
    title,
    caption: [
      `Each point is a cell${shown < cells ? `; ${count(shown)} of ${count(cells)} cells are drawn, the same share of each type` : ''}.`,
      which,
      types.length <= NAMED ? '' : 'Numbers stand at the median position of a type.',
      info.method === 'umap'
        ? 'UMAP keeps neighbourhoods, not distances: how far apart two groups lie, and how dense they are, says little.'
        : '',
    ]
      .filter((sentence) => sentence !== '')
      .join(' '),
    alt: `Scatter plot of ${count(shown)} cells of ${types.length} types in two dimensions of ${info.name}.`,
    width: WIDTH,
    height: SIDE + 76 + (beside ? 0 : 24 + legendRows * ROW),
    body,
  };
}

/**
 * Returns the rows to draw, ascending: all, or the same share of each type, evenly spaced among its cells. (Evenly spaced
 * among all cells would miss types if the source alternates between them.)
 */
function drawnRows(labels: readonly (string | null)[], types: readonly string[]): number[] {
  const cells = labels.length;
  if (cells <= MOST_POINTS) return [...labels.keys()];
  const rowsOf = new Map<string | null, number[]>([...types, null].map((type) => [type, []]));
  for (const [row, label] of labels.entries()) rowsOf.get(label)!.push(row);
  const drawn: number[] = [];
  for (const rows of rowsOf.values()) {
    const share = Math.ceil((rows.length * MOST_POINTS) / cells);
    for (let k = 0; k < share; k++) drawn.push(rows[Math.floor((k * rows.length) / share)]);
  }
  return drawn.sort((a, b) => a - b);
}

/** Formats a coordinate of a dot, for which one decimal is enough. */
const dot = (x: number) => String(Math.round(x * 10) / 10);

/** Computes the coordinate-wise median of the chosen cells in the first two dimensions. */
function medianPoint(embedding: Embedding, chosen: (label: string) => boolean): [number, number] {
  const { dims, values, labels } = embedding;
  const cells = [...labels.keys()].filter((i) => labels[i] !== null && chosen(labels[i]!));
  const middle = (d: number) => {
    const sorted = Float32Array.from(cells, (c) => values[c * dims + d]).sort();
    return sorted[sorted.length >> 1];
  };
  return [middle(0), middle(1)];
}
