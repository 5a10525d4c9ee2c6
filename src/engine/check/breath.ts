/**
 * Checks that are answered at once end without a turn of the event loop: a host that awaits one after the other would
 * never hear its own timers and sockets. So a check waits for the next turn where there has been none for a while.
 */
import type { Clock } from '../../base/seams.js';

/** To be asked before each check: what to wait for, nearly always nothing. */
export type Breathe = () => Promise<void> | undefined;

/** One check in so many looks at the clock. */
const lookEvery = 64;
const breathlessMs = 50;

/** Costs a timer for every 64 checks, and a turn of the loop every 50 ms. */
export function createBreath(clock: Clock, closing: AbortSignal): Breathe {
  let count = 0;
  let turn: { readonly come: Promise<void>; readonly atMs: number } | undefined;
  return () => {
    count++;
    if (count % lookEvery !== 0 || closing.aborted) {
      return undefined;
    }
    if (turn !== undefined) {
      return clock.monotonicMs() - turn.atMs >= breathlessMs ? turn.come : undefined;
    }
    const forget = (): void => {
      turn = undefined;
    };
    turn = { come: clock.sleep(0, closing).then(forget, forget), atMs: clock.monotonicMs() };
    return undefined;
  };
}
