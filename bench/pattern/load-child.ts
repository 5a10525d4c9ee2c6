/** What the process of one load is told, and what it says. */

/** A component file, and what to try once it is loaded. */
export interface LoadRequest {
  readonly file: string;
  /** Loaded before, untimed: the component without entries, so that the code is there. */
  readonly empty: string;
  /** Bytes of which the pattern must say that they are found (hex), where it has signatures. */
  readonly instance?: string;
}

/** How it went. */
export type LoadAnswer =
  | { readonly kind: 'loaded'; readonly loadMs: number; readonly rssBytes: number }
  | { readonly kind: 'failed'; readonly reason: string };
