/** How far the retro-hunt is. */

/** How far the hunt is, for a status page. */
export interface HuntStatus {
  readonly state: 'idle' | 'hunting' | 'waiting';
  /** Entries that were judged by the newest patterns, of those there are. */
  readonly judged: number;
  readonly entries: number;
  /** Findings about which something is still to be done. */
  readonly open: number;
}
