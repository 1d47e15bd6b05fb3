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
        ...cause.changed.map(shortName),
        ...cause.added.map((n) => `+${shortName(n)}`),
        ...cause.removed.map((n) => `−${shortName(n)}`),
      ];
      return names.length === 0 ? 'code changed' : `code changed: ${names.join(', ')}`;
    }
    case 'input': {
      const what =
        cause.old === undefined && cause.new !== undefined
          ? 'was added'
          : cause.new === undefined && cause.old !== undefined
            ? 'was removed'
            : 'changed';
      if (cause.from === '') return `${cause.slot}: an input ${what}`;
      return cause.external
        ? `${cause.slot}: ${cause.from} ${what}`
        : `${cause.slot} from ${cause.from} ${what}`;
    }
    case 'seed':
      return `seed: ${show(cause.old)} → ${show(cause.new)}`;
    case 'environment':
      return `environment ${cause.name}: ${show(cause.old)} → ${show(cause.new)}`;
    case 'damaged':
      return `${cause.output} damaged: ${cause.detail}`;
    case 'record':
      return cause.detail;
    case 'parts':
      return `${cause.missing} of ${cause.of} parts missing`;
    case 'forced':
      return 'forced';
    case 'upstream':
      return cause.until === undefined
        ? `needs ${cause.targets.join(', ')}`
        : `unknown until ${cause.until.join(', ')} ${cause.until.length === 1 ? 'has' : 'have'} run`;
    case 'error':
      return cause.message;
  }
}

/** A package by its name, without where it lies. */
function shortName(piece: string): string {
  return piece === '' ? 'imports' : piece.replace(/^npm:(?:.*node_modules\/)?/, 'npm:');
}

function show(value: unknown): string {
  return value === undefined ? '(absent)' : JSON.stringify(value);
}
