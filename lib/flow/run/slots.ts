/**
 * Admission control: limits the cores and the memory of concurrent actions. Waiting actions are admitted by priority (the
 * longest critical path first), then in order of arrival. If actions grow beyond their estimates, so that together they
 * exceed the budget, the one admitted last gives way and is admitted again alone.
 */

/** Estimated memory of an action, in bytes. */
export interface Need {
  /** Own memory of the action. */
  readonly bytes: number;
  /** Memory shared with other actions of the target, counted once for all running ones. */
  readonly sharedBytes: number;
  /** True if the stage declares the need or an earlier action showed it; false for a guess. */
  readonly isKnown: boolean;
  /** Weight for dividing measured memory; independent of earlier measurements, or a wrong division would persist. */
  readonly weight: number;
}

export interface Demand {
  readonly target: string;
  /** Estimated milliseconds from the start of the action to the end of the run. */
  readonly priority: number;
  /** Number of cores, at most those of the budget. */
  readonly cores: number;
  /** Returns the current estimate. Called whenever there may be room, because finished actions improve the estimate. */
  need(): Need;
  /** Returns a name if nothing is known of the action's memory; only one action with this name runs at a time. */
  sole?(): string | undefined;
}

export interface Budget {
  readonly cores: number;
  readonly memoryBytes: number;
  /** Returns the resident memory of the whole run, in bytes. */
  resident(): number;
  /** Frees the memory of idle threads. Called only while nothing runs. */
  relieve(): Promise<void>;
  /** Called once per target whose action alone exceeds the budget: `bytes` are estimated, or measured if `isFound`. */
  onOver(target: string, bytes: number, isFound: boolean): void;
}

/** Place of an admitted action. */
export interface Place {
  /** Aborted when the action must stop, because all actions together exceed the budget; it then asks to run alone. */
  readonly giveWay: AbortSignal;
  /** Maximum bytes of its share of the run's memory; see `Slots`. */
  readonly peakBytes: number;
  /** Releases the place. */
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
  /** Share of the run's memory at the last measurement, in bytes. */
  shareBytes: number;
}

/** Maximum number of waiting actions that are tested for room. */
const ASKED = 64;
const LOOK_MS = 50;
/** Fraction of the budget that concurrent actions are admitted to: each may use a little more than estimated. */
const HEADROOM = 0.95;
/** Minimum bytes to be freed for which restarting threads is worthwhile. */
const WORTH_BYTES = 64 << 20;

/**
 * Slots of running actions, with their shares of memory. All threads share the memory of the process. The memory above that
 * before anything ran, and above that left behind by finished actions, is divided among running actions in proportion to
 * their weights (from declarations or input sizes); an action that runs alone is charged with all of it. The shares are
 * estimates, as good as those proportions.
 */
export class Slots {
  readonly #budget: Budget;
  readonly #held = new Set<Held>();
  readonly #told = new Set<string>();
  #waiting: Waiting[] = [];
  /** Resident memory before anything ran. */
  readonly #floorBytes: number;
  /** Bytes that finished actions left behind. */
  #leftBytes = 0;
  /** Time at which an action last released its place. */
  #leftAtMs = Number.NEGATIVE_INFINITY;
  /** Resident memory at the last measurement. */
  #lastBytes: number;
  #isRelieving = false;
  /** True if memory was freed since the last admission: what is still held cannot be freed. */
  #isRelieved = false;
  #looks: NodeJS.Timeout | undefined;

  constructor(budget: Budget) {
    this.#budget = budget;
    this.#floorBytes = budget.resident();
    this.#lastBytes = this.#floorBytes;
  }

  /** Whether an action with this need fits in the budget if nothing else runs. */
  fitsAlone({ bytes, sharedBytes }: Need): boolean {
    return this.#floorBytes + bytes + sharedBytes <= this.#budget.memoryBytes;
  }

  /**
   * Waits until the action may start. `alone`: waits until nothing else runs, and admits nothing beside it. Throws what its
   * `need` throws.
   */
  async acquire(demand: Demand, { alone = false } = {}): Promise<Place> {
    return new Promise<Place>((admit, refuse) => {
      // Insert after all actions of the same priority: equal ones keep their order of arrival.
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
      // An action that needs many cores is not overtaken by those that need few, or it would starve.
      if (found === undefined) return;
      const [i, need] = found;
      if (this.#coresInUse() + this.#waiting[i].demand.cores > this.#budget.cores) return;
      this.#admit(i, need);
    }
  }

  #firstThatFits(): [number, Need] | undefined {
    for (let i = 0; i < Math.min(ASKED, this.#waiting.length); ) {
      const need = this.#needOf(i);
      if (need === undefined) continue; // removed; the next one moved to its index
      if (this.#fits(this.#waiting[i], need)) return [i, need];
      i++;
    }
    return undefined;
  }

  /** Need of a waiting action. If that throws, the action itself is rejected, and not the one whose end made room. */
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

  /** Whether there is room for one more action beside the running ones, by estimates and by resident memory. */
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

  /** Records the memory that finished actions left behind: resident memory beyond the shares of running actions. */
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
    // Memory of an action that just ended may not be returned to the system yet: limit shares to the last measured ones.
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
    // Extrapolated memory at the next measurement: once over the budget, it is too late to act.
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
