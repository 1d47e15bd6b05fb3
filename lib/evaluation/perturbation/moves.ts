/** Moves of perturbed cells, and their table. */
import type { Columns } from '../../data/kinds/types.ts';
import type { encodingPerturbationsTable } from '../../data/results/tables.ts';
import { quantileColumns, quantilesFrom } from '../../stats/quantiles.ts';

/** Kind and amount of a perturbation. `depth`: a share of the counts is kept. `fold`: the count of one gene is multiplied. */
export interface Probe {
  readonly kind: 'depth' | 'fold';
  readonly amount: number;
}

/** Move of a perturbed cell: whether its encoding is unchanged, and its distance relative to that of its neighbour. */
export interface Move {
  readonly unchanged: boolean;
  /** Relative distance; NaN if the move or the neighbour has no distance, or the neighbour is at distance 0. */
  readonly relative: number;
}

/** Returns the move of a cell; an unchanged cell has distance 0, whatever rounding gives for its distance to itself. */
export function moveOf(unchanged: boolean, distance: number, nearest: number): Move {
  return { unchanged, relative: nearest > 0 ? (unchanged ? 0 : distance) / nearest : Number.NaN };
}

/** Collection of moves by probe and type, and its table, with rows of all cells and of each type. */
export class Moves {
  readonly #probes: readonly Probe[];
  readonly #labels: readonly string[];
  readonly #moves: MoveList[][];

  constructor(probes: readonly Probe[], labels: readonly string[]) {
    this.#probes = probes;
    this.#labels = labels;
    this.#moves = probes.map(() => labels.map(() => new MoveList()));
  }

  /** Adds a move; `probe` and `type` are numbers. */
  add(probe: number, type: number, move: Move): void {
    this.#moves[probe][type].add(move);
  }

  columns(metric: string): Columns<typeof encodingPerturbationsTable> {
    const rows = this.#probes.flatMap((probe, p) => [
      { probe, label: null, ...describe(this.#moves[p]) },
      ...this.#labels.map((label, t) => ({ probe, label, ...describe([this.#moves[p][t]]) })),
    ]);
    return {
      probe: rows.map(({ probe }) => probe.kind),
      amount: Float64Array.from(rows, ({ probe }) => probe.amount),
      label: rows.map(({ label }) => label),
      metric: rows.map(() => metric),
      n: Float64Array.from(rows, ({ n }) => n),
      unchanged: Float64Array.from(rows, ({ unchanged }) => unchanged),
      n_moved: Float64Array.from(rows, ({ nMoved }) => nMoved),
      beyond_neighbor: Float64Array.from(rows, ({ beyond }) => beyond),
      mean: Float64Array.from(rows, ({ mean }) => mean),
      ...quantileColumns(rows),
    };
  }
}

/** Growing list of moves as numbers, since there are up to some 10⁸. */
class MoveList {
  n = 0;
  unchanged = 0;
  /** Relative distances of the moves that have one. */
  #relative = new Float64Array(16);
  #known = 0;

  add({ unchanged, relative }: Move): void {
    this.n++;
    if (unchanged) this.unchanged++;
    if (Number.isNaN(relative)) return;
    if (this.#known === this.#relative.length) {
      const longer = new Float64Array(2 * this.#known);
      longer.set(this.#relative);
      this.#relative = longer;
    }
    this.#relative[this.#known++] = relative;
  }

  get known(): Float64Array {
    return this.#relative.subarray(0, this.#known);
  }
}

function describe(lists: readonly MoveList[]) {
  const known = new Float64Array(lists.reduce((sum, list) => sum + list.known.length, 0));
  let at = 0;
  for (const list of lists) {
    known.set(list.known, at);
    at += list.known.length;
  }
  known.sort();
  const n = lists.reduce((sum, list) => sum + list.n, 0);
  const unchanged = lists.reduce((sum, list) => sum + list.unchanged, 0);
  const share = (part: number, whole: number) => (whole === 0 ? Number.NaN : part / whole);
  return {
    n,
    unchanged: share(unchanged, n),
    nMoved: known.length,
    beyond: share(known.filter((relative) => relative > 1).length, known.length),
    mean: share(
      known.reduce((sum, relative) => sum + relative, 0),
      known.length,
    ),
    quantiles: known.length === 0 ? undefined : quantilesFrom(known.length, (rank) => known[rank]),
  };
}
