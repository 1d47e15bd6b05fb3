/** What a run writes down while it goes on: its events, and from them what its record says of actions. */
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import type { FlowEvent } from './events.ts';

export interface ActionEntry {
  readonly target: string;
  readonly action: string;
  readonly durationMs: number;
  readonly peakRssBytes: number;
}

export class RunLog {
  readonly #folder: string;
  readonly actions: ActionEntry[] = [];
  /** Targets whose actions gave other bytes than before under the same key. */
  readonly nondeterministic = new Set<string>();
  #file: WriteStream | undefined;

  /** @param folder of the run; made with the file, when there is something to write */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** True if anything ran. */
  get isOpen(): boolean {
    return this.#file !== undefined;
  }

  note(event: FlowEvent): void {
    if (event.type === 'action-finished') {
      const { target, action, durationMs, peakRssBytes } = event;
      this.actions.push({ target, action, durationMs: Math.round(durationMs), peakRssBytes });
    }
    if (event.type === 'nondeterministic') this.nondeterministic.add(event.target);
    // A run that does nothing leaves nothing behind; the first target that starts opens the log.
    if (event.type === 'target-started') this.#open();
    if (event.type !== 'action-progress') this.#file?.write(`${JSON.stringify(event)}\n`);
  }

  async close(): Promise<void> {
    await new Promise<void>((closed) =>
      this.#file === undefined ? closed() : this.#file.end(() => closed()),
    );
  }

  #open(): void {
    if (this.#file !== undefined) return;
    mkdirSync(this.#folder, { recursive: true });
    this.#file = createWriteStream(join(this.#folder, 'events.ndjson'));
    this.#file.on('error', () => {}); // the log is a convenience: a full disk shows up where it matters
  }
}
