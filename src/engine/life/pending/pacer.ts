/** The one bucket of a family: its drains share it, whoever asked for them. */
import type { Clock } from '../../../base/seams.js';
import type { Settings } from '../../options.js';
import { drawn, fullBucket, msUntil, refilled, tokensIn, type BucketRate } from './token-bucket.js';

/** Says when an entry may be checked anew. */
export interface Pacer {
  /** How many may be checked now. */
  ready(): number;
  /** In how many ms a handful may be: to look for each single one would cost more than it is worth. */
  nextInMs(): number;
  /** Takes the turn of one entry; gives the ms after which it has come. */
  draw(): number;
}

/** A pacer by the settings in force. */
export function createPacer(clock: Clock, settings: () => Settings): Pacer {
  const rate = (): BucketRate => ({ perSecond: settings().pending.drainPerSecond, burst: settings().pending.drainBurst });
  let bucket = fullBucket(rate(), clock.monotonicMs());
  const current = (): typeof bucket => (bucket = refilled(bucket, rate(), clock.monotonicMs()));
  return {
    ready: () => tokensIn(current()),
    nextInMs: () => msUntil(current(), rate(), Math.ceil(rate().perSecond / 4)),
    draw() {
      const next = drawn(current(), rate(), 1);
      bucket = next.bucket;
      return next.waitMs;
    },
  };
}
