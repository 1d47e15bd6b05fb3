/**
 * Whether this process can exit by itself. What waits inside the system, as a read that a network or a pipe never
 * answers, cannot be interrupted: its thread does not end, and Node waits for it. Whoever owns the process must end it then.
 */
let isDoubtful = false;

/** Notes that code which is not ours has run, or that a thread was ended in the middle of its work. */
export function noteDoubt(): void {
  isDoubtful = true;
}

export const mayHang = () => isDoubtful;
