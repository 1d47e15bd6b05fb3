/** Where in the text of a config something stands. */
import type { Path } from './path.ts';

/** Offsets in UTF-16 code units, `end` exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What of a path could be found in the text. */
export interface Located {
  /** How many steps of the path were found; the ranges belong to the last of them. */
  readonly depth: number;
  readonly key?: Range;
  readonly value?: Range;
  /** True if the value is written as an object or a list, which may span many lines. */
  readonly container?: boolean;
}

export type Locator = (path: Path) => Located;
