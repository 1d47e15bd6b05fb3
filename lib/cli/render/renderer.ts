/** View of a run. Renderers see events and nothing else; `close` leaves the terminal as it was. */
import type { FlowEvent } from '../../flow/index.ts';

export interface Renderer {
  onEvent(event: FlowEvent): void;
  close(): void;
}

/** Renderer for `--quiet`. */
export const silent: Renderer = { onEvent() {}, close() {} };
