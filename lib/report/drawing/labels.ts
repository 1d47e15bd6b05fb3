/** Placement of text beside points without overlaps; labels that find no free place are left out. */
import { textWidth } from './text.ts';

interface Box {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

export interface Placed {
  readonly index: number;
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
}

/**
 * Places labels greedily, in the given order: each label tries eight places around its point, nearest first, and takes the
 * first that is inside the area and free of points and of labels placed so far. `gap` is the point's radius.
 */
export function placeLabels(
  points: readonly { x: number; y: number; text: string }[],
  area: Box,
  size: number,
  gap: number,
): Placed[] {
  const taken: Box[] = points.map(({ x, y }) => ({ x1: x - gap, y1: y - gap, x2: x + gap, y2: y + gap }));
  const placed: Placed[] = [];
  for (const [index, { x, y, text }] of points.entries()) {
    const width = textWidth(text, size);
    for (const [dx, dy] of PLACES) {
      const anchor = dx > 0 ? 'start' : dx < 0 ? 'end' : 'middle';
      const left = dx > 0 ? x + gap + 2 : dx < 0 ? x - gap - 2 - width : x - width / 2;
      const baseline = y + dy * (gap + size * 0.65) + size * 0.35;
      const box = { x1: left, y1: baseline - size * 0.8, x2: left + width, y2: baseline + size * 0.25 };
      const inside = box.x1 >= area.x1 && box.x2 <= area.x2 && box.y1 >= area.y1 && box.y2 <= area.y2;
      if (!inside || taken.some((other, i) => i !== index && overlap(box, other))) continue;
      taken.push(box);
      placed.push({ index, x: dx === 0 ? x : x + dx * (gap + 2), y: baseline, anchor });
      break;
    }
  }
  return placed;
}

const PLACES = [
  [1, 0],
  [-1, 0],
  [0, -1],
  [0, 1],
  [1, -1],
  [1, 1],
  [-1, -1],
  [-1, 1],
] as const;

const overlap = (a: Box, b: Box) => a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2;
