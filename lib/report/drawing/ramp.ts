/** Colour scales for counts and values: viridis, perceptually uniform and readable in grey. */
import { type Panel, type Pen, px } from './pen.ts';

export const LEVELS = 64;

export interface Ramp {
  /** Returns the level of a value, 0 … LEVELS − 1. */
  level(value: number): number;
  readonly colors: readonly string[];
  legend(width: number, label: string): Panel;
}

/** Opens a colour scale. `type: 'log'` needs a domain above zero; `reverse` gives low values the bright colours. */
export function openRamp(
  pen: Pen,
  options: { type: 'linear' | 'log'; domain: readonly [number, number]; reverse?: boolean },
): Ramp {
  const { type, reverse = false } = options;
  let [low, high] = options.domain;
  if (!(high > low)) [low, high] = type === 'log' ? [low, low * 10] : [low - 0.5, low + 0.5];
  const to = (v: number) =>
    type === 'log' ? Math.log(v / low) / Math.log(high / low) : (v - low) / (high - low);
  const colors = pen.ramp(LEVELS);
  if (reverse) colors.reverse();
  return {
    colors,
    level: (v) => Math.max(0, Math.min(LEVELS - 1, Math.floor(to(v) * LEVELS))),
    legend: (width, label) =>
      pen.panel({
        width,
        height: 48,
        marginLeft: 12,
        marginRight: 12,
        marginTop: 4,
        marginBottom: 34,
        x: {
          type,
          domain: [low, high],
          label,
          ticks: 5,
          ...(type === 'log' ? { tickFormat: '~s' } : {}),
        },
        y: { axis: null, domain: [0, 1] },
        marks: [
          pen.raw(() => {
            const step = (width - 24) / LEVELS;
            // Each step extends half a pixel under the next one, which avoids seams.
            return colors
              .map((c, i) => {
                const w = i < LEVELS - 1 ? step + 0.5 : step;
                return `<path d="M${px(12 + i * step)} 4h${px(w)}v10h${px(-w)}z" fill="${c}"/>`;
              })
              .join('');
          }),
        ],
      }),
  };
}

/** Groups shapes by colour level: one group per colour keeps the markup small. */
export function byLevel(ramp: Ramp, shapes: readonly { level: number; markup: string }[]): string {
  const groups: string[][] = ramp.colors.map(() => []);
  for (const { level, markup } of shapes) groups[level].push(markup);
  return groups
    .map((group, i) =>
      group.length === 0
        ? ''
        : `<g fill="${ramp.colors[i]}" stroke="${ramp.colors[i]}">${group.join('')}</g>`,
    )
    .join('');
}
