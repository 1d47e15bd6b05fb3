/**
 * True if this process may be unable to exit by itself. A blocking system call, such as a read that a network or a pipe
 * never answers, cannot be interrupted: its thread does not end, and Node waits for it. The process must then be ended
 * explicitly.
 */
let isDoubtful = false;

/** Records that code from outside the framework has run, or that a thread was terminated while working. */
export function noteDoubt(): void {
  isDoubtful = true;
}

export const mayHang = () => isDoubtful;
