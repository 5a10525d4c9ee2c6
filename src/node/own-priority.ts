/**
 * The priority of processes that work in the background: lowered, so that whoever answers on the same machine goes first, and
 * never raised. On Linux every thread has a priority of its own, and a new one that of its maker: all are lowered that are there.
 */
import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** The lowest priority of the system, in the scale of `os.setPriority`. */
export const lowestPriority = 19;

/** Lowers this process to `to` (0 to 19) where it is above. Where a system does not allow it, everything stays as it is. */
export function lowerOwnPriority(to: number): void {
  threads().forEach((thread) => lowerPriority(thread, to));
}

/** The same of a process, or on Linux of a thread. */
export function lowerPriority(id: number, to: number): void {
  try {
    if (getPriority(id) < to) {
      setPriority(id, to);
    }
  } catch {
    // It has ended, or the system keeps such things to itself: the work takes its share.
  }
}

function threads(): readonly number[] {
  try {
    return readdirSync('/proc/self/task').map(Number);
  } catch {
    return [process.pid];
  }
}
