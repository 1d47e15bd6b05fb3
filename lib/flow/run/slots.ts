/**
 * Admission: at most so many actions at once, and not more memory than there is. Waiting actions come in by
 * priority (the longest way still to go), then in the order in which they asked. Where one grows beyond what was
 * expected of it, so that all together are over the budget, the last to come gives way and comes in again alone.
 */

/** What is expected of an action, in bytes. */
export interface Need {
  /** Of its own. */
  readonly bytes: number;
  /** Of what it shares with others of its target, counted once for all that are under way. */
  readonly sharedBytes: number;
  /** Whether the stage declares it, or an earlier action took it; else it is a guess. */
  readonly isKnown: boolean;
  /** Its weight where what was found is divided: not by what was found before, or a wrong division would stay. */
  readonly weight: number;
}

export interface Demand {
  readonly target: string;
  /** Estimated milliseconds from here to the end of the run. */
  readonly priority: number;
  /** At most as many as there are. */
  readonly cores: number;
  /** Asked each time when there may be room: what others took meanwhile tells more. */
  need(): Need;
  /** Of actions about whose memory nothing is known: a name, beside which no other of that name is admitted. */
  sole?(): string | undefined;
}

export interface Budget {
  readonly cores: number;
  readonly memoryBytes: number;
  /** Resident memory of all that the run holds, in bytes. */
  resident(): number;
  /** Gives back what idle threads keep. Called only while nothing runs. */
  relieve(): Promise<void>;
  /** An action is more than the budget by itself: `bytes` are expected, or were found. Told once for each target. */
  onOver(target: string, bytes: number, isFound: boolean): void;
}

/** An action's place among those that run. */
export interface Place {
  /** Aborted when the action is to be ended, since all together hold too much: it asks again, to run alone. */
  readonly giveWay: AbortSignal;
  /** The most memory that was its share of what the run held, in bytes: see `Slots`. */
  readonly peakBytes: number;
  /** Gives the place back. */
  leave(): void;
}

interface Waiting {
  readonly demand: Demand;
  readonly isAlone: boolean;
  admit(place: Held): void;
  refuse(error: unknown): void;
}

interface Held extends Place {
  readonly demand: Demand;
  readonly isAlone: boolean;
  readonly need: Need;
  readonly controller: AbortController;
  peakBytes: number;
  /** At the last look. */
  shareBytes: number;
}

/** Of the waiting, as many are asked whether they fit. */
const ASKED = 64;
const LOOK_MS = 50;
/** Of the budget, what actions side by side are admitted to: each may take a little more than was expected. */
const HEADROOM = 0.95;
/** It is worth it to start threads anew if as much may come free. */
const WORTH_BYTES = 64 << 20;

/**
 * The memory of a process belongs to all of its threads. What is above the memory it had before anything ran, and above
 * what actions that are over left behind, is divided among those that run, in proportion to what their stages declare or
 * they read; one that runs alone is charged with all. It is an estimate, as good as those proportions.
 */
export class Slots {
  readonly #budget: Budget;
  readonly #held = new Set<Held>();
  readonly #told = new Set<string>();
  #waiting: Waiting[] = [];
  /** Resident memory before anything ran. */
  readonly #floorBytes: number;
  /** Of actions that are over, what did not come back. */
  #leftBytes = 0;
  /** When an action last gave its place back. */
  #leftAtMs = Number.NEGATIVE_INFINITY;
  /** Resident memory at the last look. */
  #lastBytes: number;
  #isRelieving = false;
  /** Since an action was admitted: what is held now is not to be had. */
  #isRelieved = false;
  #looks: NodeJS.Timeout | undefined;

  constructor(budget: Budget) {
    this.#budget = budget;
    this.#floorBytes = budget.resident();
    this.#lastBytes = this.#floorBytes;
  }

  /** Whether an action that needs as much fits beside nothing else. */
  fitsAlone({ bytes, sharedBytes }: Need): boolean {
    return this.#floorBytes + bytes + sharedBytes <= this.#budget.memoryBytes;
  }

  /**
   * Resolves when the action may start. `alone`: when nothing else runs, and nothing is admitted beside it. Throws what
   * its `need` throws.
   */
  async acquire(demand: Demand, { alone = false } = {}): Promise<Place> {
    return new Promise<Place>((admit, refuse) => {
      // Behind all that have its priority: of equal ones the first to ask comes first.
      let [low, high] = [0, this.#waiting.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (this.#waiting[middle].demand.priority >= demand.priority) low = middle + 1;
        else high = middle;
      }
      this.#waiting.splice(low, 0, { demand, isAlone: alone, admit, refuse });
      this.#next();
    });
  }

  #next(): void {
    while (!this.#isRelieving && this.#waiting.length > 0 && this.#coresInUse() < this.#budget.cores) {
      if (this.#held.size === 0) {
        const idleBytes = this.#budget.resident();
        this.#leftBytes = Math.max(0, idleBytes - this.#floorBytes);
        const { demand } = this.#waiting[0];
        const need = this.#needOf(0);
        if (need === undefined) continue;
        const { bytes, sharedBytes, isKnown } = need;
        const isTight = idleBytes + bytes + sharedBytes > this.#budget.memoryBytes;
        const isHeld = idleBytes - this.#floorBytes > WORTH_BYTES;
        if (isTight && isHeld && !this.#isRelieved) {
          this.#relieve();
          return;
        }
        const least = this.#floorBytes + bytes + sharedBytes;
        if (least > this.#budget.memoryBytes && isKnown) this.#tell(demand.target, least, false);
        this.#admit(0, need);
        continue;
      }
      const found = this.#firstThatFits();
      // One that wants many cores is not overtaken by those that want few, or it would wait for ever.
      if (found === undefined) return;
      const [i, need] = found;
      if (this.#coresInUse() + this.#waiting[i].demand.cores > this.#budget.cores) return;
      this.#admit(i, need);
    }
  }

  #firstThatFits(): [number, Need] | undefined {
    for (let i = 0; i < Math.min(ASKED, this.#waiting.length); ) {
      const need = this.#needOf(i);
      if (need === undefined) continue; // the next one has its place
      if (this.#fits(this.#waiting[i], need)) return [i, need];
      i++;
    }
    return undefined;
  }

  /** Where its need cannot be told, the action that asked hears of it, and not the one whose end made room. */
  #needOf(i: number): Need | undefined {
    try {
      return this.#waiting[i].demand.need();
    } catch (error) {
      this.#waiting.splice(i, 1)[0].refuse(error);
      return undefined;
    }
  }

  #coresInUse(): number {
    let cores = 0;
    for (const { demand } of this.#held) cores += demand.cores;
    return cores;
  }

  /** Whether there is room for one more beside what runs: as expected, and as it is. */
  #fits({ demand, isAlone }: Waiting, { bytes, sharedBytes }: Need): boolean {
    if (isAlone) return false;
    const sole = demand.sole?.();
    const shared = new Map<string, number>();
    let expected = 0;
    for (const held of this.#held) {
      if (held.isAlone) return false;
      if (sole !== undefined && held.demand.sole?.() === sole) return false;
      expected += held.need.bytes;
      const { target } = held.demand;
      shared.set(target, Math.max(shared.get(target) ?? 0, held.need.sharedBytes));
    }
    for (const bytes of shared.values()) expected += bytes;
    const added = bytes + Math.max(0, sharedBytes - (shared.get(demand.target) ?? 0));
    const room = HEADROOM * this.#budget.memoryBytes;
    const base = this.#floorBytes + this.#leftBytes;
    return base + expected + added <= room && this.#budget.resident() + added <= room;
  }

  #admit(i: number, need: Need): void {
    const [{ demand, isAlone, admit }] = this.#waiting.splice(i, 1);
    const controller = new AbortController();
    const place: Held = {
      demand,
      isAlone,
      need,
      controller,
      giveWay: controller.signal,
      peakBytes: 0,
      shareBytes: 0,
      leave: () => {
        if (!this.#held.has(place)) return;
        this.#look();
        this.#held.delete(place);
        this.#leftAtMs = performance.now();
        this.#noteLeft();
        if (this.#held.size === 0) {
          clearInterval(this.#looks);
          this.#looks = undefined;
        }
        this.#next();
      },
    };
    this.#held.add(place);
    this.#isRelieved = false;
    this.#looks ??= setInterval(() => this.#look(), LOOK_MS).unref();
    admit(place);
  }

  #relieve(): void {
    this.#isRelieving = true;
    const go = () => {
      this.#isRelieving = false;
      this.#isRelieved = true;
      this.#next();
    };
    this.#budget.relieve().then(go, go);
  }

  /** What those that are over left behind is not there for others: more than what is charged to those that run. */
  #noteLeft(): void {
    let charged = this.#floorBytes;
    for (const { shareBytes } of this.#held) charged += shareBytes;
    this.#leftBytes = Math.max(0, this.#budget.resident() - charged);
  }

  #look(): void {
    const now = this.#budget.resident();
    const above = Math.max(0, now - this.#floorBytes);
    this.#leftBytes = Math.min(this.#leftBytes, above);
    let expected = 0;
    for (const { need } of this.#held) expected += need.weight;
    // Memory of one that just ended may still be on its way back to the system: then what was seen before, too.
    const isSettling = performance.now() - this.#leftAtMs < 2 * LOOK_MS;
    for (const place of this.#held) {
      const part = this.#held.size === 1 ? 1 : place.need.weight / expected;
      const share = part * (above - this.#leftBytes);
      place.peakBytes = Math.max(place.peakBytes, isSettling ? Math.min(share, place.shareBytes) : share);
      place.shareBytes = share;
    }
    const places = [...this.#held];
    const { memoryBytes } = this.#budget;
    if (places.length === 1 && now > memoryBytes) this.#tell(places[0].demand.target, now, true);
    // Where it will be at the next look if it goes on like this: what is over the budget then cannot be undone.
    const soon = now + Math.max(0, now - this.#lastBytes);
    this.#lastBytes = now;
    if (places.length < 2 || soon <= memoryBytes) return;
    if (places.every(({ giveWay }) => !giveWay.aborted)) places.at(-1)!.controller.abort();
  }

  #tell(target: string, bytes: number, isFound: boolean): void {
    if (this.#told.has(target)) return;
    this.#told.add(target);
    this.#budget.onOver(target, bytes, isFound);
  }
}
