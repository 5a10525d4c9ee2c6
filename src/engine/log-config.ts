/** The settings of the two logs beside the queue: what was let through (retro-hunt), and the record of it (audit). */

/** The retro-hunt. */
export interface RetroConfig {
  /** Days that what was let through is kept (7). */
  readonly days?: number | undefined;
  /** Contents and URLs at most (200,000). */
  readonly maxEntries?: number | undefined;
  /** Bytes at most (64 MiB): about 180 and its path for a file that was seen at one place. */
  readonly maxBytes?: number | undefined;
  /** A newer agent pattern reads files again that can be opened: its byte signatures need the content (false). */
  readonly rescan?: boolean | undefined;
}

/** The record of temporary allows. */
export interface AuditConfig {
  /** What cannot be put on record is `unknown: internal`, and policy decides (false). */
  readonly required?: boolean | undefined;
  /** Days that records are kept (90). */
  readonly days?: number | undefined;
  /** Bytes at most (64 MiB on disk, 8 MiB in memory). */
  readonly maxBytes?: number | undefined;
}

/** The bounds that a configuration names for one of them; undefined where it is switched off or not mentioned. */
export function boundsOf<T extends object>(config: string | T | undefined): T | undefined {
  return typeof config === 'object' ? config : undefined;
}
