/** Recognition of a matrix's values: counts, or counts after one of the usual transformations. */
import type { Numbers } from './hdf5.ts';

export type Look =
  | 'counts'
  /** Nothing but 0 and 1. */
  | 'binary'
  /** Whole numbers that add up to nearly the same in every cell. */
  | 'rounded'
  | 'log-normalised'
  | 'normalised'
  | 'log counts'
  | 'log-transformed'
  | 'scaled'
  | 'negative'
  | 'not finite'
  | 'not whole numbers'
  | 'empty';

export interface ValueLook {
  readonly look: Look;
  /** Text for people: 'looks log-normalised (log of counts scaled to 10,000 per cell)'. */
  readonly text: string;
  readonly min: number;
  readonly max: number;
}

/**
 * Judges a sample of stored (non-zero) values. With `byRow`, each array is one cell; then library-size scaling shows:
 * either the values without their logarithm add up to the same total in every cell, or, where genes were left out later,
 * the values of a cell are whole multiples of its smallest (the smallest being one count).
 */
export function judgeValues(sample: readonly Numbers[], byRow: boolean): ValueLook {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [stored, fractions, allFinite] = [0, 0, true];
  for (const values of sample) {
    for (const value of values) {
      if (!Number.isFinite(value)) allFinite = false;
      if (value !== Math.floor(value)) fractions++;
      if (value < min) min = value;
      if (value > max) max = value;
      if (value !== 0) stored++;
    }
  }
  const as = (look: Look, text: string): ValueLook => ({ look, text, min, max });
  if (stored === 0 && allFinite) return as('empty', 'holds only zeros, as far as sampled');
  if (!allFinite) return as('not finite', 'holds missing or infinite values');
  const mostlyWhole = fractions * 2 < stored;
  if (min < 0 && mostlyWhole) return as('negative', `holds negative values (down to ${show(min)})`);
  if (min < 0) return as('scaled', `looks scaled or centred (values from ${show(min)} to ${show(max)})`);
  if (fractions === 0) {
    if (max === 1) return as('binary', 'holds only 0 and 1, as far as sampled');
    const level = byRow ? nearlyCommonTotal(sample) : undefined;
    if (level === undefined) return as('counts', 'looks like counts');
    return as(
      'rounded',
      `holds whole numbers that add up to about ${show(level)} in every cell, as if scaled and rounded`,
    );
  }
  if (mostlyWhole) {
    return as('not whole numbers', `holds mostly whole numbers (${fractions} of ${stored} sampled are not)`);
  }
  const rows = byRow ? sample.filter((values) => values.some((value) => value > 0)) : [];
  // Undoing a logarithm of larger values would exceed any possible count.
  if (max < 32) {
    const undone = LOGARITHMS.map(([name, undo]) => ({
      name,
      values: rows.map((values) => Float64Array.from(values, undo)),
    }));
    // The strongest evidence first, for every base: with a wrong base, weak evidence may hold by chance.
    for (const { name, values } of undone) {
      const total = commonTotal(values);
      if (total !== undefined) {
        return as(
          'log-normalised',
          `looks log-normalised (${name} of counts scaled to ${show(total)} per cell)`,
        );
      }
    }
    for (const { name, values } of undone) {
      if (areMultiples(values, 1)) return as('log counts', `looks like ${name} of counts`);
      if (areMultiples(values))
        return as('log-normalised', `looks log-normalised (${name} of scaled counts)`);
    }
    return as('log-transformed', `looks log-transformed (no whole numbers, none above ${show(max)})`);
  }
  const total = commonTotal(rows);
  if (total !== undefined)
    return as('normalised', `looks normalised to ${show(total)} per cell, without logarithm`);
  if (areMultiples(rows)) return as('normalised', 'looks like counts scaled per cell, without logarithm');
  return as('not whole numbers', `holds values that are not whole numbers (largest ${show(max)})`);
}

const LOGARITHMS: readonly (readonly [string, (value: number) => number])[] = [
  // biome-ignore lint/plugin: what values look like is told within a tolerance, and only in words
  ['log(1 + x)', Math.expm1],
  ['log2(1 + x)', (value) => 2 ** value - 1],
  // biome-ignore lint/plugin: as above
  ['log10(1 + x)', (value) => 10 ** value - 1],
];

/** Total that nearly all rows share, within rounding; undefined if there is none. */
function commonTotal(rows: readonly Numbers[]): number | undefined {
  if (rows.length < 3) return undefined;
  const totals = rows.map((values) => sum(values));
  const middle = [...totals].sort((a, b) => a - b)[totals.length >> 1];
  const near = totals.filter((total) => Math.abs(total - middle) <= 0.005 * middle).length;
  return near >= 0.9 * totals.length ? middle : undefined;
}

/** Total that most rows nearly have, some a little more: cells downsampled to a total never have more than that. */
function nearlyCommonTotal(rows: readonly Numbers[]): number | undefined {
  const totals = rows.map((values) => sum(values)).filter((total) => total > 0);
  if (totals.length < 10) return undefined;
  const middle = [...totals].sort((a, b) => a - b)[totals.length >> 1];
  const near = totals.filter((total) => Math.abs(total - middle) <= 0.01 * middle).length;
  const isAbove = totals.some((total) => total > middle);
  return middle >= 200 && near >= 0.9 * totals.length && isAbove ? middle : undefined;
}

function sum(values: Numbers): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/**
 * True if in most rows nearly all values are whole multiples of `unit`, by default of the row's smallest value: a cell in
 * which no gene has a count of just 1 may fail.
 */
function areMultiples(rows: readonly Numbers[], unit?: number): boolean {
  let [fitting, telling] = [0, 0];
  for (const values of rows) {
    let smallest = Number.POSITIVE_INFINITY;
    for (const value of values) if (value > 0 && value < smallest) smallest = value;
    const one = unit ?? smallest;
    let [near, all] = [0, 0];
    for (const value of values) {
      // The smallest is its own multiple; rounding of float32 logarithms would blur large ones.
      if (value / one > 50 || (unit === undefined && value === smallest) || value <= 0) continue;
      all++;
      if (Math.abs(value / one - Math.round(value / one)) < 0.02) near++;
    }
    if (all === 0) continue;
    telling++;
    if (near >= 0.95 * all) fitting++;
  }
  return telling >= 3 && fitting >= 0.75 * telling;
}

/** Number as text for people: three significant digits, or a whole number with separators. */
function show(value: number): string {
  if (Math.abs(value) < 1000) return String(Number(value.toPrecision(3)));
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}
