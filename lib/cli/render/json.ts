/** Events as JSON lines, for other programs. */
import type { Renderer } from './renderer.ts';

export function createJsonRenderer(write: (line: string) => void): Renderer {
  return {
    onEvent: (event) => write(JSON.stringify(event)),
    close() {},
  };
}
