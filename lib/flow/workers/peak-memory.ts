/** Peak resident memory of this process during tasks. */

const SAMPLE_MS = 50;

/** Peak resident memory since a call of `PeakMemory.begin`, in bytes. */
export interface Peak {
  bytes: number;
}

export class PeakMemory {
  readonly #peaks = new Set<Peak>();
  #sampler: NodeJS.Timeout | undefined;
  #resident = { bytes: 0, atMs: Number.NEGATIVE_INFINITY };

  /** Resident memory, in bytes. Cached briefly: a query costs 0.1 ms, too much for each of many small tasks. */
  residentBytes(): number {
    const now = performance.now();
    if (now - this.#resident.atMs > SAMPLE_MS / 4) {
      this.#resident = { bytes: process.memoryUsage.rss(), atMs: now };
    }
    return this.#resident.bytes;
  }

  /** Discards the cached value, after much memory was freed. */
  invalidate(): void {
    this.#resident.atMs = Number.NEGATIVE_INFINITY;
  }

  /** Starts to track a peak; `end` stops it. */
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
