/** Interrupts of a run: the first drains it, the second stops running actions. */
import type { RunOptions } from './run-options.ts';

/**
 * Calls `onDrain` and `onKill` when their signals are aborted. Returns a function that removes the listeners.
 *
 * @param onKill gets the cause, such as the name of a signal, if known
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
