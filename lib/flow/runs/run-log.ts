/** What a run writes down while it goes on: its events, and from them what its record says of actions. */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import type { FlowEvent } from '../events.ts';
import type { RunPaths } from '../store/layout.ts';

export interface ActionEntry {
  readonly target: string;
  readonly action: string;
  readonly durationMs: number;
  readonly peakRssBytes: number;
}

/** How far something is at a moment, of no use afterwards. */
const FLEETING: readonly FlowEvent['type'][] = ['action-progress', 'hashing'];

export class RunLog {
  readonly #paths: RunPaths;
  readonly actions: ActionEntry[] = [];
  /** Targets whose actions gave other bytes than before under the same key. */
  readonly nondeterministic = new Set<string>();
  #file: number | undefined;
  #isOpen = false;

  /** @param paths of the run; its folder is made with the file, when there is something to write */
  constructor(paths: RunPaths) {
    this.#paths = paths;
  }

  /** True if anything ran. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  note(event: FlowEvent): void {
    if (event.type === 'action-finished') {
      const { target, action, durationMs, peakRssBytes } = event;
      this.actions.push({ target, action, durationMs: Math.round(durationMs), peakRssBytes });
    }
    if (event.type === 'nondeterministic') this.nondeterministic.add(event.target);
    // A run that does nothing leaves nothing behind; the first target that starts opens the log.
    if (event.type === 'target-started') this.#open();
    if (!FLEETING.includes(event.type)) this.#write(`${JSON.stringify(event)}\n`);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    mkdirSync(this.#paths.folder, { recursive: true });
    try {
      this.#file = openSync(this.#paths.events, 'a');
    } catch {
      // as below
    }
  }

  /** At once: what a run had begun is read from here if it is killed. */
  #write(line: string): void {
    if (this.#file === undefined) return;
    try {
      writeSync(this.#file, line);
    } catch {
      // the log is a convenience: a full disk shows up where it matters
    }
  }
}
