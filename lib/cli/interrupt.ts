/** Ctrl-C: the first finishes what runs, the second ends it. */
export interface Interrupts {
  readonly drain: AbortSignal;
  readonly kill: AbortSignal;
  stopListening(): void;
}

export function listenForInterrupts(): Interrupts {
  const drain = new AbortController();
  const kill = new AbortController();
  const onInterrupt = () => (drain.signal.aborted ? kill : drain).abort();
  // A scheduler that ends a job sends SIGTERM and waits a few seconds: too short to finish anything.
  const onTerminate = () => {
    drain.abort();
    kill.abort();
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  process.on('SIGHUP', onTerminate); // the terminal was closed
  return {
    drain: drain.signal,
    kill: kill.signal,
    stopListening() {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
      process.off('SIGHUP', onTerminate);
    },
  };
}
