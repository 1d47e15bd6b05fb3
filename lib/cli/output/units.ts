/** Times, sizes and counts: formatted for people, parsed from options. */
import { usageError } from '../../errors.ts';

export { inUnits as bytes } from '../../flow/text/byte-units.ts';

/** Duration as text: `340 ms`, `2.4 s`, `3 min 05 s`, `2 h 07 min`. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const pad = (n: number) => String(n).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${pad(Math.floor((whole % 3600) / 60))} min`;
}

export const parseMemory = (text: string) => memoryOption('--memory', text);
export const parseActionMemory = (text: string) => memoryOption('--action-memory', text);

function memoryOption(option: string, text: string): number {
  const amount = parseAmount(text);
  if (amount >= 1) return Math.floor(amount);
  throw usageError(`${option} ${text}`, { expected: 'an amount of memory, for example 8G or 512M' });
}

/** Parses `8G`, `512M`, `2.5GiB` or a number of bytes; units are powers of 1024. NaN if it is none of these. */
function parseAmount(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(?:([KMGT])(?:i?B)?|B)?$/i.exec(text.trim());
  const power = match?.[2] === undefined ? 0 : 1 + 'KMGT'.indexOf(match[2].toUpperCase());
  return Number(match?.[1]) * 1024 ** power;
}

export function parseSize(text: string): number {
  const amount = parseAmount(text);
  if (amount >= 0) return Math.floor(amount);
  throw usageError(`--max-size ${text}`, { expected: 'an amount, for example 20G or 500M' });
}

const DAYS: Readonly<Record<string, number>> = { m: 1 / 1440, h: 1 / 24, d: 1, w: 7, y: 365 };

/** Parses an age such as `12h`, `30d`, `2w`, `1y`; returns days. */
export function parseAge(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([mhdwy])$/.exec(text.trim());
  if (match !== null) return Number(match[1]) * DAYS[match[2]];
  throw usageError(`--older-than ${text}`, { expected: 'an age, for example 12h, 30d, 2w or 1y' });
}

/** Parses a share: `0.1` or `10%`. */
export function parseShare(text: string): number {
  const share = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (share > 0 && share <= 1) return share;
  throw usageError(`--recompute ${text}`, { expected: 'a share above 0 and at most 1: 0.1, or 10%' });
}

/** Parses a time such as `90s`, `30m` or `2h`; returns milliseconds. A number alone is seconds. */
export function parseTime(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d)?$/.exec(text.trim());
  const units: Record<string, number> = {
    ms: 1,
    s: 1000,
    m: 60_000,
    min: 60_000,
    h: 3_600_000,
    d: 86_400_000,
  };
  const ms = Number(match?.[1]) * units[match?.[2] ?? 's'];
  if (!(ms >= 1))
    throw usageError(`--action-timeout ${text}`, { expected: 'a time, for example 90s, 30m or 2h' });
  return ms;
}

export function parseWorkers(text: string): number {
  const workers = Number(text);
  if (!Number.isInteger(workers) || workers < 1 || workers > 1024) {
    throw usageError(`--workers ${text}`, { expected: 'a whole number from 1 to 1024' });
  }
  return workers;
}

export function parseSeed(text: string): number {
  const seed = Number(text);
  if (text.trim() !== '' && Number.isInteger(seed) && seed >= 0 && seed <= 0xffffffff) return seed;
  throw usageError(`--seed ${text}`, { expected: 'a whole number from 0 to 4294967295' });
}

export function parseRows(text: string): number {
  const rows = Number(text);
  if (text.trim() === '' || !Number.isInteger(rows) || rows < 0) {
    throw usageError(`--rows ${text}`, { expected: 'a whole number from 0' });
  }
  return rows;
}

export const parseKeepRuns = (text: string) => keepOption('--keep-runs', text);
export const parseKeepDays = (text: string) => keepOption('--keep-days', text);

function keepOption(option: string, text: string): number {
  const n = Number(text);
  if (text.trim() === '' || !(n >= 0)) throw usageError(`${option} ${text}`, { expected: 'a number from 0' });
  return n;
}

export function parseTolerance(text: string): number {
  const tolerance = Number(text);
  if (text.trim() === '' || !(tolerance >= 0) || tolerance >= 1) {
    throw usageError(`--tolerance ${text}`, { expected: 'a number from 0 to below 1, for example 1e-6' });
  }
  return tolerance;
}

/** Date as text, in the time of this machine: `2026-11-21 14:07`. */
export function dateTime(date: Date): string {
  const pad = (n: number) => String(n).padStart(2, '0');
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** Number with its noun: `1 target`, `3 targets`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
