/**
 * When the place is to be looked at again, without anything having happened. Pure: hourly, and sooner where a proof is
 * missing that could be had, for a reference server may just have been started again.
 */
import type { Random } from '../base/seams.js';
import type { Place } from './place.js';

/** What is known after a look. */
export interface LookFacts {
  readonly place: Place;
  /** Looks in a row after which nothing was proven, this one included. */
  readonly vain: number;
  /** There are reference servers that could prove something. */
  readonly couldProve: boolean;
  /** At the latest. */
  readonly recheckMs: number;
}

const firstAgainMs = 60_000;

/** In how many ms to look again: half of what a repeated look waits is chance, so that a thousand hosts do not come at once. */
export function lookAgainMs(facts: LookFacts, random: Random): number {
  const { place, vain, couldProve, recheckMs } = facts;
  if (place.location === 'internal' || !couldProve) {
    return recheckMs;
  }
  const waitMs = Math.min(firstAgainMs * 2 ** Math.min(Math.max(0, vain - 1), 20), recheckMs);
  return waitMs * (0.5 + random() / 2);
}
