/** Formats a number of bytes with a unit, in powers of 1000: `512 B`, `3.4 MB`. */
export function inUnits(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** Bytes of a mebibyte, for the `needs` of stages: measured peaks of single processes, 6,000 to 60,000 cells, plus a third. */
export const MB = 2 ** 20;
