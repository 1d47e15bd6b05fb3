/** The two interrupts of a run: the first lets it drain, the second ends what runs. */
import type { RunOptions } from './run-options.ts';

/**
 * Calls `onDrain` and `onKill` when the run is asked to. Returns the function that ends the watch.
 *
 * @param onKill gets what asked for it, such as the name of a signal, where that is known
 */
export function watchInterrupts(
  { drain, kill }: Pick<RunOptions, 'drain' | 'kill'>,
  onDrain: () => void,
  onKill: (by: string | undefined) => void,
): () => void {
  const hearDrain = () => onDrain();
  const hearKill = () => onKill(typeof kill?.reason === 'string' ? kill.reason : undefined);
  drain?.addEventListener('abort', hearDrain, { once: true });
  kill?.addEventListener('abort', hearKill, { once: true });
  return () => {
    drain?.removeEventListener('abort', hearDrain);
    kill?.removeEventListener('abort', hearKill);
  };
}
