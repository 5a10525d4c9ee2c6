/**
 * When a segment of the log is closed and when one may leave. Pure. A segment takes a sixteenth of the bytes or
 * of the days, so that nearly all of either is always there to be read.
 */

/** Bounds of the log. */
export interface AuditLimits {
  /** Records of this age may leave. */
  readonly days: number;
  /** Bytes of all segments at most; records that are still open are kept over it. */
  readonly maxBytes: number;
}

/** What a segment holds. Instants are those of the log, which no wall clock moves. */
export interface SegmentFacts {
  readonly bytes: number;
  /** Of these: bytes that were carried over from segments that left. */
  readonly carriedBytes: number;
  /** Instant of the first record that was not carried over; undefined while it has none. */
  readonly firstAt: number | undefined;
  /** Instant of the last record, undefined while it has none. */
  readonly lastAt: number | undefined;
}

const parts = 16;
const dayMs = 86_400_000;

/** Whether the next record goes into a segment of its own. What was carried over fills none: it would be carried on with every record. */
export function isSegmentFull(current: SegmentFacts, limits: AuditLimits, now: number): boolean {
  const old = current.firstAt !== undefined && now - current.firstAt >= (limits.days * dayMs) / parts;
  const bytes = current.bytes - current.carriedBytes;
  return bytes > 0 && (old || bytes >= limits.maxBytes / parts);
}

/**
 * Whether the oldest closed segment leaves now.
 * @param totals bytes of all segments, and what was carried over since the current one was begun
 */
export function isLeaving(
  oldest: SegmentFacts,
  totals: { readonly bytes: number; readonly carriedBytes: number },
  { limits, now }: { readonly limits: AuditLimits; readonly now: number },
): boolean {
  if (oldest.lastAt !== undefined && oldest.lastAt < now - limits.days * dayMs) {
    return true;
  }
  // Room for the current one to fill up: the bound holds at every instant. Where most is open, no more is carried over
  // at a time than twice what was written, or all of it would be written anew again and again to free nothing.
  const part = limits.maxBytes / parts;
  return totals.bytes > limits.maxBytes - part && totals.carriedBytes < 2 * part;
}
