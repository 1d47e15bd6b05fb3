/** Statistics of many groups of pairs, as columns of numbers: 2,000 types have some 10⁶ groups. */

import type { FiveQuantiles } from '../../stats/quantiles.ts';
import type { DescribedGroup } from './group-quantiles.ts';

/** Numbers per group: count, sum, minimum and maximum of its values, and the five quantiles, NaN without values. */
const WIDTH = 9;

/** Groups as a part returns them. */
export interface GroupColumns {
  readonly groups: Uint32Array;
  /** Statistics, groups × 9. */
  readonly numbers: Float64Array;
}

/** Growing table of groups, added one at a time or part by part. */
export class GroupTable {
  #groups = new Uint32Array(64);
  #numbers = new Float64Array(64 * WIDTH);
  #length = 0;
  /** Row of each group plus 1, 0 for none; built at the first look-up. */
  #places: Uint32Array | undefined;

  add(group: number, { n, sum, min, max, quantiles }: DescribedGroup): void {
    this.#reserve(1);
    this.#groups[this.#length] = group;
    const values = [n, sum, min, max, ...(quantiles ?? new Array<number>(5).fill(Number.NaN))];
    // + 0 turns −0 into +0: zero has no sign in a table.
    for (const [i, value] of values.entries()) this.#numbers[this.#length * WIDTH + i] = value + 0;
    this.#length++;
  }

  addAll({ groups, numbers }: GroupColumns): void {
    this.#reserve(groups.length);
    this.#groups.set(groups, this.#length);
    this.#numbers.set(numbers, this.#length * WIDTH);
    this.#length += groups.length;
  }

  #reserve(more: number): void {
    this.#places = undefined;
    const needed = this.#length + more;
    if (needed <= this.#groups.length) return;
    const capacity = Math.max(needed, 2 * this.#groups.length);
    const [groups, numbers] = [new Uint32Array(capacity), new Float64Array(capacity * WIDTH)];
    groups.set(this.#groups);
    numbers.set(this.#numbers);
    [this.#groups, this.#numbers] = [groups, numbers];
  }

  /** Returns a copy of the columns. */
  columns(): GroupColumns {
    return {
      groups: this.#groups.slice(0, this.#length),
      numbers: this.#numbers.slice(0, this.#length * WIDTH),
    };
  }

  /** Looks up a group; undefined if it was not added. */
  get(group: number): DescribedGroup | undefined {
    this.#places ??= this.#index();
    const place = (this.#places[group] ?? 0) - 1;
    if (place < 0) return undefined;
    const at = place * WIDTH;
    const [n, sum, min, max] = this.#numbers.subarray(at, at + 4);
    const quantiles = [...this.#numbers.subarray(at + 4, at + WIDTH)] as FiveQuantiles;
    return { n, sum, min, max, quantiles: n === 0 ? null : quantiles };
  }

  #index(): Uint32Array {
    let largest = -1;
    for (let i = 0; i < this.#length; i++) if (this.#groups[i] > largest) largest = this.#groups[i];
    const places = new Uint32Array(largest + 1);
    for (let i = 0; i < this.#length; i++) places[this.#groups[i]] = i + 1;
    return places;
  }
}
