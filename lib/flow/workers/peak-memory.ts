/** The largest resident memory of this process while something runs. */

const SAMPLE_MS = 50;

/** The peak since a moment, in bytes; see `PeakMemory`. */
export interface Peak {
  bytes: number;
}

export class PeakMemory {
  readonly #peaks = new Set<Peak>();
  #sampler: NodeJS.Timeout | undefined;
  #resident = { bytes: 0, atMs: Number.NEGATIVE_INFINITY };

  /** Resident memory, in bytes. Asking costs a tenth of a millisecond, so not for each of many small tasks. */
  residentBytes(): number {
    const now = performance.now();
    if (now - this.#resident.atMs > SAMPLE_MS / 4) {
      this.#resident = { bytes: process.memoryUsage.rss(), atMs: now };
    }
    return this.#resident.bytes;
  }

  /** The next question is asked of the system: much was given back. */
  invalidate(): void {
    this.#resident.atMs = Number.NEGATIVE_INFINITY;
  }

  /** Begins to watch; `end` ends it. */
  begin(): Peak {
    const peak = { bytes: this.residentBytes() };
    this.#peaks.add(peak);
    this.#sampler ??= setInterval(() => this.#sample(), SAMPLE_MS).unref();
    return peak;
  }

  end(peak: Peak): void {
    this.#sample();
    this.#peaks.delete(peak);
    if (this.#peaks.size === 0) {
      clearInterval(this.#sampler);
      this.#sampler = undefined;
    }
  }

  #sample(): void {
    const bytes = this.residentBytes();
    for (const peak of this.#peaks) if (bytes > peak.bytes) peak.bytes = bytes;
  }
}
