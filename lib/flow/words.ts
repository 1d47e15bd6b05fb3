/** Causes as short text, one phrase each: for the log of a run. */
import type { Cause } from './decision.ts';

export function describeCauses(causes: readonly Cause[]): string {
  return causes.map(describeCause).join('; ');
}

export function describeCause(cause: Cause): string {
  switch (cause.kind) {
    case 'new':
      return 'never made before';
    case 'param':
      return `${cause.path === '' ? 'params' : cause.path}: ${show(cause.old)} → ${show(cause.new)}`;
    case 'code': {
      const names = [
        ...cause.changed,
        ...cause.added.map((n) => `+${n}`),
        ...cause.removed.map((n) => `−${n}`),
      ];
      return names.length === 0 ? 'code changed' : `code changed: ${names.join(', ')}`;
    }
    case 'input':
      return cause.external
        ? `${cause.slot}: ${cause.from} changed`
        : `${cause.slot} from ${cause.from} changed`;
    case 'seed':
      return `seed: ${show(cause.old)} → ${show(cause.new)}`;
    case 'environment':
      return `environment ${cause.name} changed`;
    case 'damaged':
      return `${cause.output} damaged: ${cause.detail}`;
    case 'parts':
      return `${cause.missing} of ${cause.of} parts missing`;
    case 'forced':
      return 'forced';
    case 'upstream':
      return `waits for ${cause.targets.join(', ')}`;
    case 'error':
      return cause.message;
  }
}

function show(value: unknown): string {
  return value === undefined ? '(absent)' : JSON.stringify(value);
}
