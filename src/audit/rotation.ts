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

/** What a segment holds. */
export interface SegmentFacts {
  readonly bytes: number;
  /** Instants of its first and its last record (epoch ms); undefined while it has none. */
  readonly firstAt: number | undefined;
  readonly lastAt: number | undefined;
}

const parts = 16;
const dayMs = 86_400_000;

/** Whether the next record goes into a segment of its own. */
export function isSegmentFull(current: SegmentFacts, limits: AuditLimits, now: number): boolean {
  const old = current.firstAt !== undefined && now - current.firstAt >= (limits.days * dayMs) / parts;
  return current.bytes > 0 && (old || current.bytes >= limits.maxBytes / parts);
}

/** How many of the segments leave, oldest first. The last one given is the current one, which stays. */
export function segmentsToLeave(segments: readonly SegmentFacts[], limits: AuditLimits, now: number): number {
  let bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  // Room for the current one to fill up: the bound holds at every instant.
  const room = limits.maxBytes - limits.maxBytes / parts;
  let count = 0;
  for (const segment of segments.slice(0, -1)) {
    const expired = segment.lastAt !== undefined && segment.lastAt < now - limits.days * dayMs;
    if (bytes <= room && !expired) {
      break;
    }
    bytes -= segment.bytes;
    count++;
  }
  return count;
}
