/** Types for locations in the text of a config. */
import type { Path } from './path.ts';

/** Offsets in UTF-16 code units, `end` exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Part of a path that was found in the text. */
export interface Located {
  /** Number of steps of the path that were found; the ranges belong to the last of them. */
  readonly depth: number;
  readonly key?: Range;
  readonly value?: Range;
  /** True if the value is written as an object or a list, which may span many lines. */
  readonly container?: boolean;
}

export type Locator = (path: Path) => Located;
