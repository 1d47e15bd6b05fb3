/**
 * Check for `__proto__`, the one name that no key can have: assigning it sets the prototype, and readers drop it
 * silently.
 */
import type { Problem } from './issues.ts';
import type { Path } from './path.ts';

export function unusableNames(value: unknown, path: Path = []): Problem[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    if (key !== '__proto__') return unusableNames(item, at);
    return [
      {
        path: at,
        at: 'key' as const,
        message: 'nothing can have the name "__proto__"',
        expected: 'another name',
      },
    ];
  });
}
