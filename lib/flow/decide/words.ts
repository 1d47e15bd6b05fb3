/** Causes as short text, one phrase each, for the log of a run. */
import { never } from '../../errors.ts';
import type { FolderChange } from '../keys/folder.ts';
import type { Cause, Decision } from './decision.ts';

export interface CauseOptions {
  /** Maximum characters of the old and of the new value each; longer values are cut, so that both stay visible. */
  readonly width?: number;
}

/** Describes several causes on one line. */
export function describeCauses(causes: readonly Cause[], options?: CauseOptions): string {
  return causes.map((cause) => describeCause(cause, options)).join('; ');
}

/**
 * Describes why a target must run, for a study. Differences from another study's record are not changes that anyone made:
 * they are replaced by "first time for this study". `why` shows them, and the record they are relative to.
 */
export function describeCausesFor(
  study: string,
  { causes, comparedWith }: Pick<Decision, 'causes' | 'comparedWith'>,
  options?: CauseOptions,
): string {
  if (comparedWith === undefined || comparedWith.study === study) return describeCauses(causes, options);
  const isDifference = ({ kind }: Cause) => DIFFERENCES.includes(kind);
  if (!causes.some(isDifference)) return describeCauses(causes, options);
  const others = causes.filter((cause) => !isDifference(cause));
  return ['first time for this study', ...others.map((cause) => describeCause(cause, options))].join('; ');
}

const DIFFERENCES: readonly Cause['kind'][] = ['param', 'code', 'input', 'seed', 'environment'];

/** Describes one cause: `k: 6 → 5`. */
export function describeCause(cause: Cause, { width = Infinity }: CauseOptions = {}): string {
  const show = (value: unknown) => shown(value, width);
  switch (cause.kind) {
    case 'new':
      return 'first time';
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
        ? `${cause.slot}: ${cause.from} ${what}${filesChanged(cause.files)}`
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
    case 'forced':
      return 'forced';
    case 'upstream':
      return cause.until === undefined
        ? `needs ${cause.targets.join(', ')}`
        : `depends on the output of ${cause.until.join(', ')}`;
    case 'error':
      return cause.message;
    default:
      return never(cause);
  }
}

/** Maximum number of file names shown for a changed folder. */
const MOST_NAMES = 5;

function filesChanged(files: FolderChange | undefined): string {
  if (files === undefined) return '';
  const names = [...files.changed, ...files.added.map((n) => `+${n}`), ...files.removed.map((n) => `−${n}`)];
  const rest = names.length - MOST_NAMES;
  return ` (${names.slice(0, MOST_NAMES).join(', ')}${rest > 0 ? ` and ${rest} more` : ''})`;
}

/** Name of a code piece for display; a package without its location. */
function shortName(piece: string): string {
  return piece === '' ? 'imports' : piece.replace(/^npm:(?:.*node_modules\/)?/, 'npm:');
}

function shown(value: unknown, width: number): string {
  if (value === undefined) return '(absent)';
  const points = [...JSON.stringify(value)];
  return points.length <= width ? points.join('') : `${points.slice(0, width - 1).join('')}…`;
}
