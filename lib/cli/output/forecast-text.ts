/** Forecasts as text for people. */
import type { Forecast } from '../../flow/index.ts';
import { bytes, count, duration } from './units.ts';

/** Expected time of a target, for a cell of a table: `12 s`, or a dash where nothing is known. */
export function targetTime(forecast: Forecast, target: string): string {
  const ms = forecast.targets.find((t) => t.target === target)?.ms;
  return ms === undefined ? '–' : duration(ms);
}

/** Forecast in one or two lines; `undefined` if nothing is to run. */
export function forecastText(forecast: Forecast): string | undefined {
  const { targets, workers, withoutForecast } = forecast;
  if (targets.length === 0) return undefined;
  if (withoutForecast === targets.length) return 'No forecast: all of these run for the first time.';
  const atLeast = withoutForecast > 0 ? 'at least ' : '';
  const maybe = targets.some(({ isCertain }) => !isCertain) ? ', if all of them run' : '';
  const lines = [
    `Forecast: ${atLeast}${duration(forecast.ms)} on ${count(workers, 'worker')}, ` +
      `${bytes(forecast.peakRssBytes)} of memory, ${bytes(forecast.bytes)} of disk${maybe}.`,
  ];
  if (withoutForecast > 0) lines.push(`No forecast for ${count(withoutForecast, 'target')}: the first time.`);
  return lines.join('\n');
}
