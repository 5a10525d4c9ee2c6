/**
 * The pace of a drain: a bucket of tokens, one for each entry that is checked anew. It fills by `perSecond` and never
 * beyond `burst`, so that over any time t no more than `burst + perSecond · t` entries are checked: a server that is
 * back is not flooded by what was flagged while it was away. Pure; time is monotonic.
 */

/** How fast a bucket fills and how much it holds. */
export interface BucketRate {
  readonly perSecond: number;
  readonly burst: number;
}

/** A bucket as it was at an instant. Less than no tokens: some were promised ahead. */
export interface Bucket {
  readonly tokens: number;
  /** Monotonic ms. */
  readonly atMs: number;
}

/** A bucket that nobody has drawn from for long. */
export function fullBucket(rate: BucketRate, nowMs: number): Bucket {
  return { tokens: rate.burst, atMs: nowMs };
}

/** The bucket as it is now. A smaller burst than before counts at once. */
export function refilled(bucket: Bucket, rate: BucketRate, nowMs: number): Bucket {
  const passedMs = Math.max(0, nowMs - bucket.atMs);
  return { tokens: Math.min(rate.burst, bucket.tokens + (passedMs * rate.perSecond) / 1000), atMs: Math.max(bucket.atMs, nowMs) };
}

/** Whole tokens that are there. */
export function tokensIn(bucket: Bucket): number {
  // What was filled in up in small steps may fall short of a whole by a rounding.
  return Math.max(0, Math.floor(bucket.tokens + 1e-6));
}

/** Draws tokens that are there, or promises them ahead: then `waitMs` says after which time they are. */
export function drawn(bucket: Bucket, rate: BucketRate, count: number): { readonly bucket: Bucket; readonly waitMs: number } {
  const tokens = bucket.tokens - count;
  return { bucket: { ...bucket, tokens }, waitMs: tokens >= -1e-6 ? 0 : Math.ceil((-tokens * 1000) / rate.perSecond) };
}

/** After which time the bucket holds so many tokens, `burst` of them at most. */
export function msUntil(bucket: Bucket, rate: BucketRate, count: number): number {
  const missing = Math.min(count, rate.burst) - bucket.tokens;
  return missing <= 1e-6 ? 0 : Math.ceil((missing * 1000) / rate.perSecond);
}
