/** Choice of the view that fits the output's destination. */
import { note, out } from '../output/ui.ts';
import { createJsonRenderer } from './json.ts';
import { createLiveRenderer } from './live.ts';
import { createPlainRenderer } from './plain.ts';
import { type Renderer, silent } from './renderer.ts';

export function chooseRenderer({ json, quiet }: { json: boolean; quiet: boolean }): Renderer {
  if (json) return createJsonRenderer(out);
  if (quiet) return silent;
  const stream = process.stderr;
  const now = () => performance.now();
  if (!stream.isTTY || process.env.TERM === 'dumb') return createPlainRenderer({ write: note, now });
  const live = createLiveRenderer({
    write: (text) => stream.write(text),
    size: () => ({ columns: stream.columns || 80, rows: stream.rows || 24 }),
    now,
    every(ms, tick) {
      const timer = setInterval(tick, ms);
      return () => clearInterval(timer);
    },
  });
  process.once('exit', () => live.close()); // however the process ends, the cursor comes back
  return live;
}
