/**
 * A bucket of tokens for each address: so many requests a second on average, a burst of some seconds' worth. Addresses are
 * held in bounded memory; one that is forgotten begins with a full bucket.
 */

/** Rates of one address. */
export interface RateLimit {
  /** Requests a second. */
  readonly perSecond: number;
  /** Requests at once; default ten seconds' worth. */
  readonly burst?: number | undefined;
  /** Addresses that are held; default 65,536. */
  readonly maxAddresses?: number | undefined;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Decides over requests. */
export interface RateLimiter {
  /** 0 when the request may be answered, else the seconds (whole, at least 1) after which the next one may be. */
  take(address: string, nowMs: number): number;
}

/** A limiter. The clock of `take` has to be monotonic. */
export function createRateLimiter({ perSecond, burst = 10 * perSecond, maxAddresses = 65_536 }: RateLimit): RateLimiter {
  const buckets = new Map<string, Bucket>();
  return {
    take(address, nowMs) {
      const bucket = buckets.get(address) ?? { tokens: burst, atMs: nowMs };
      bucket.tokens = Math.min(burst, bucket.tokens + ((nowMs - bucket.atMs) * perSecond) / 1000);
      bucket.atMs = nowMs;
      // Put in anew: the first of the map is the one that was not heard of for the longest time.
      buckets.delete(address);
      buckets.set(address, bucket);
      if (buckets.size > maxAddresses) {
        buckets.delete(buckets.keys().next().value ?? '');
      }
      if (bucket.tokens >= 1) {
        bucket.tokens--;
        return 0;
      }
      return Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
    },
  };
}
