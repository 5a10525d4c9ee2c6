/** Step 4: waiting for whatever comes first, and taking turns. */
import type { Alarm, AlarmWait } from './alarm.js';

/**
 * The reason with which a wait is ended that nobody needs any more. Without one, `abort` makes an exception with a
 * stack each time: a third of the time of an ask whose answer is there at once (84 to 60 µs).
 */
export const notNeeded = 'not needed any more';

/** Something that one loop waits for and others ring. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, at once when it has rung since the last wait, or at the monotonic instant. */
  wait(untilMs: number | undefined): Promise<void>;
}

/** A bell for one loop. */
export function createBell(alarm: Alarm): Bell {
  let wake: (() => void) | undefined;
  let hasRung = false;
  return {
    ring: () => {
      hasRung = true;
      wake?.();
    },
    wait: async (untilMs) => {
      if (!hasRung) {
        let atInstant: AlarmWait | undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
          atInstant = untilMs === undefined ? undefined : alarm.set(untilMs, resolve);
        });
        wake = undefined;
        if (atInstant !== undefined) {
          alarm.clear(atInstant);
        }
      }
      hasRung = false;
    },
  };
}

/** Lets a limited number in at a time, in the order in which they came. */
export interface Gate {
  /** True when the bell's owner is in; else its bell rings when it is its turn to try again. */
  enter(bell: Bell): boolean;
  /** The owner does not want to get in any more; a turn that it has been given goes to the next. */
  giveUp(bell: Bell): void;
  /** Somebody who was in is out. */
  exit(): void;
}

/** A gate for `max` at a time. */
export function createGate(max: number): Gate {
  const waiting = new Set<Bell>();
  /** Whose turn it is: their places are kept. */
  const called = new Set<Bell>();
  let inside = 0;
  const exit = (): void => {
    const [next] = waiting;
    if (next === undefined) {
      inside--;
      return;
    }
    waiting.delete(next);
    called.add(next);
    next.ring();
  };
  return {
    enter: (bell) => {
      if (called.delete(bell)) {
        return true;
      }
      if (inside < max) {
        inside++;
        return true;
      }
      waiting.add(bell);
      return false;
    },
    giveUp: (bell) => {
      waiting.delete(bell);
      if (called.delete(bell)) {
        exit();
      }
    },
    exit,
  };
}

/** A gate that is always open. */
export const openGate: Gate = { enter: () => true, giveUp: () => undefined, exit: () => undefined };
