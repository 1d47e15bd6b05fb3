/**
 * Drawing without a browser: Observable Plot on a linkedom document. A panel is the content of one plot, as SVG markup
 * with rounded numbers and without ids or style sheets, so that equal data give equal bytes and one picture can contain
 * several panels.
 */
import type * as PlotModule from '@observablehq/plot';
import { escapeMarkup, fit } from './text.ts';

export interface Panel {
  readonly body: string;
  readonly width: number;
  readonly height: number;
}

/** Scales of a panel, from data to pixels. */
export interface Scales {
  x(value: number): number;
  y(value: number): number;
}

export interface Pen {
  readonly Plot: typeof PlotModule;
  panel(options: PlotModule.PlotOptions): Panel;
  /** Returns a mark that writes its own SVG, which for many shapes is ten times smaller than Plot's own marks. */
  raw(draw: (scales: Scales) => string): PlotModule.Markish;
  /** Returns the colours of the scheme at `levels` equal steps, as #rrggbb. */
  ramp(levels: number): string[];
}

export const INK = '#1b1f24';
export const MUTED = '#5c6670';
export const GRID = '#d9dee3';
/** Colours that are distinguishable with all common kinds of colour blindness (Okabe and Ito). */
export const WITHIN = '#d55e00';
export const BETWEEN = '#0072b2';
export const FONT_SIZE = 12;
/** Margins of a panel with both axes. */
export const MARGINS = { marginLeft: 60, marginRight: 16, marginTop: 10, marginBottom: 44 };
/** Options of axes: centred labels without arrows, since the label texts state the direction. */
const AXIS = { labelAnchor: 'center', labelArrow: 'none' } as const;

/** Attributes that hold coordinates, for which two decimals of a pixel are enough. */
const GEOMETRY = /\s(d|x|y|x1|x2|y1|y2|cx|cy|r|rx|ry|width|height|transform|points|viewBox)="([^"]*)"/g;

export async function openPen(): Promise<Pen> {
  const Plot = await import('@observablehq/plot');
  const { parseHTML } = await import('linkedom');
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  let drawn: string[] = [];

  return {
    Plot,
    panel(options) {
      drawn = [];
      const svg = Plot.plot({
        document,
        className: 'plot',
        ...options,
        x: { ...AXIS, ...options.x },
        y: { ...AXIS, ...options.y },
        style: { fontSize: `${FONT_SIZE}px`, ...(options.style as object) },
      } as PlotModule.PlotOptions) as unknown as {
        getAttribute(name: string): string;
        querySelector(selector: string): { remove(): void } | null;
        innerHTML: string;
      };
      svg.querySelector('style')?.remove();
      const markup = tidy(svg.innerHTML).replace(
        /<g data-raw="(\d+)"\s*(?:\/>|><\/g>)/g,
        (_, i) => drawn[Number(i)],
      );
      // Attribute that Plot sets on the svg element, which is not kept.
      const body = `<g text-anchor="middle">${markup}</g>`;
      return { body, width: Number(svg.getAttribute('width')), height: Number(svg.getAttribute('height')) };
    },
    raw(draw) {
      // biome-ignore lint/suspicious/noExplicitAny: Plot's own types of a render function need the DOM's
      return ((_index: any, scales: any) => {
        const place = document.createElementNS('http://www.w3.org/2000/svg', 'g');
        place.setAttribute('data-raw', String(drawn.push(draw(scales)) - 1));
        return place;
      }) as unknown as PlotModule.Markish;
    },
    ramp(levels) {
      const scale = Plot.scale({ color: { type: 'linear', scheme: 'viridis', domain: [0, 1] } })!;
      return Array.from({ length: levels }, (_, i) => hex(scale.apply(levels === 1 ? 1 : i / (levels - 1))));
    },
  };
}

/** Rounds coordinates and removes attributes that only scripts and style sheets would use. Text is not changed. */
function tidy(markup: string): string {
  return markup.replace(/<[a-z][^>]*>/g, (tag) =>
    tag
      .replace(GEOMETRY, (_, name, text) => ` ${name}="${text.replace(/-?\d+\.\d{3,}(e-\d+)?/g, round)}"`)
      .replace(/ (class|style|aria-label|aria-description|aria-hidden)="[^"]*"/g, '')
      .replace(/var\(--plot-background\)/g, '#fff'),
  );
}

const round = (text: string) => px(Number(text));

/** Formats a coordinate in pixels, with at most two decimals. */
export function px(x: number): string {
  const rounded = Math.round(x * 100) / 100;
  return String(rounded === 0 ? 0 : rounded);
}

function hex(color: string): string {
  const channels = /rgb\((\d+), (\d+), (\d+)\)/.exec(color);
  if (channels === null) return color;
  return `#${channels
    .slice(1)
    .map((c) => Number(c).toString(16).padStart(2, '0'))
    .join('')}`;
}

/** Combines panels into one picture. */
export function compose(parts: readonly { panel: Panel; x: number; y: number }[]): string {
  return parts
    .map(({ panel, x, y }) => `<g transform="translate(${px(x)},${px(y)})">${panel.body}</g>`)
    .join('\n');
}

/** Returns the SVG of one line of text. */
export function line(
  text: string,
  x: number,
  y: number,
  options: { size?: number; weight?: number; fill?: string; anchor?: 'start' | 'middle' | 'end' } = {},
): string {
  const { size = FONT_SIZE, weight, fill, anchor = 'start' } = options;
  return `<text x="${px(x)}" y="${px(y)}" font-size="${size}"${weight ? ` font-weight="${weight}"` : ''}${
    fill ? ` fill="${fill}"` : ''
  } text-anchor="${anchor}">${escapeMarkup(text)}</text>`;
}

/** Returns the heading of a figure, shortened to a width. */
export const heading = (text: string, width: number) =>
  line(fit(text, width, 15), 12, 20, { size: 14, weight: 600 });
