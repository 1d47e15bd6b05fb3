/** Event log of a run, and the actions that its manifest lists, collected from the events. */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import type { FlowEvent } from '../events.ts';
import type { RunPaths } from '../store/layout.ts';

export interface ActionEntry {
  readonly target: string;
  readonly action: string;
  readonly durationMs: number;
  readonly peakRssBytes: number;
}

/** Types of progress events, which are not logged because they are of no use later. */
const FLEETING: readonly FlowEvent['type'][] = ['action-progress', 'hashing'];

export class RunLog {
  readonly #paths: RunPaths;
  readonly actions: ActionEntry[] = [];
  /** Targets whose actions produced other bytes than before under the same key. */
  readonly nondeterministic = new Set<string>();
  #file: number | undefined;
  #isOpen = false;

  /** @param paths of the run; the folder and the log file are created when the first target starts */
  constructor(paths: RunPaths) {
    this.#paths = paths;
  }

  /** Whether any target started. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  note(event: FlowEvent): void {
    if (event.type === 'action-finished') {
      const { target, action, durationMs, peakRssBytes } = event;
      this.actions.push({ target, action, durationMs: Math.round(durationMs), peakRssBytes });
    }
    if (event.type === 'nondeterministic') this.nondeterministic.add(event.target);
    // The first target that starts opens the log; a run that does nothing leaves no files.
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
      // see `#write`
    }
  }

  /** Writes a line immediately: after a kill, the log tells which targets were running. */
  #write(line: string): void {
    if (this.#file === undefined) return;
    try {
      writeSync(this.#file, line);
    } catch {
      // the log is not essential; other writes report a full disk
    }
  }
}
