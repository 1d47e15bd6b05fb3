/** Suggestions ("did you mean …?") for mistyped names. */
import { distance } from 'fastest-levenshtein';

/** Hint with the nearest known name; undefined if none is near. Ties are broken by code-unit order. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const best = nearestName(name, known);
  return best === undefined ? undefined : `did you mean "${best}"?`;
}

function nearestName(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 2)) + 1;
  for (const candidate of [...known].sort()) {
    const d = distance(name.toLowerCase(), candidate.toLowerCase());
    // Names with nothing in common are not near, however short.
    if (d < bestDistance && d < Math.max(name.length, candidate.length)) {
      best = candidate;
      bestDistance = d;
    }
  }
  return best;
}
