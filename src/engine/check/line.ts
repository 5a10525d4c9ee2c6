/**
 * Checks that run side by side, handed over as they end or in the order in which they began. One bell for all of them:
 * a race over what still runs would leave a listener on every slow one for each fast one that overtakes it.
 */
import type { CheckResult } from '../../base/check-result.js';

/** What runs, and what has ended and was not taken yet. */
export interface Line {
  add(check: Promise<CheckResult>): void;
  /** The next one that has ended and whose turn it is. */
  take(): Promise<CheckResult> | undefined;
  /** Those that were added and not taken. */
  size(): number;
  ring(): void;
  /** Resolves when something has happened since the last call. */
  rung(): Promise<void>;
}

/** An empty line. */
export function createLine(ordered: boolean): Line {
  const waiting = new Set<Promise<CheckResult>>();
  const ended = new Set<Promise<CheckResult>>();
  let happened = false;
  let wake: (() => void) | undefined;

  function ring(): void {
    happened = true;
    wake?.();
  }

  return {
    add(check) {
      waiting.add(check);
      const end = (): void => {
        ended.add(check);
        ring();
      };
      check.then(end, end);
    },
    take() {
      const [first] = ordered ? waiting : ended;
      if (first === undefined || !ended.has(first)) {
        return undefined;
      }
      waiting.delete(first);
      ended.delete(first);
      return first;
    },
    size: () => waiting.size,
    ring,
    async rung() {
      if (!happened) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = undefined;
      }
      happened = false;
    },
  };
}
