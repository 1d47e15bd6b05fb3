/**
 * Admission: at most so many actions at once, and not more memory than there is. Waiting actions come in by
 * priority (the longest way still to go), then in the order in which they asked.
 */
export interface Demand {
  /** Estimated milliseconds from here to the end of the run. */
  readonly priority: number;
  /** At most as many as there are. */
  readonly cores: number;
  /** Estimated bytes. An action that alone exceeds the budget runs alone. */
  readonly memoryBytes: number;
}

interface Waiting extends Demand {
  admit(): void;
}

export class Slots {
  readonly #cores: number;
  readonly #memoryBytes: number;
  #running = 0;
  #usedBytes = 0;
  #waiting: Waiting[] = [];

  constructor(cores: number, memoryBytes: number) {
    this.#cores = cores;
    this.#memoryBytes = memoryBytes;
  }

  /** Resolves when the action may start, to the function that gives its place back. */
  async acquire(demand: Demand): Promise<() => void> {
    await new Promise<void>((admit) => {
      // Behind all that have its priority: of equal ones the first to ask comes first.
      let [low, high] = [0, this.#waiting.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (this.#waiting[middle].priority >= demand.priority) low = middle + 1;
        else high = middle;
      }
      this.#waiting.splice(low, 0, { ...demand, admit });
      this.#next();
    });
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#running -= demand.cores;
      this.#usedBytes -= demand.memoryBytes;
      this.#next();
    };
  }

  #next(): void {
    while (this.#running < this.#cores) {
      const i = this.#waiting.findIndex(
        (w) => this.#running === 0 || this.#usedBytes + w.memoryBytes <= this.#memoryBytes,
      );
      // One that wants many cores is not overtaken by those that want few, or it would wait for ever.
      if (i < 0 || (this.#running > 0 && this.#running + this.#waiting[i].cores > this.#cores)) return;
      const [admitted] = this.#waiting.splice(i, 1);
      this.#running += admitted.cores;
      this.#usedBytes += admitted.memoryBytes;
      admitted.admit();
    }
  }
}
