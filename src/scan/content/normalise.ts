/**
 * Normalised views of texts and HTML (targets 7 and 3), as ClamAV's documentation describes them, in one pass with
 * bounded memory: bytes go in by `push`, normalised bytes come out through the callback, whatever the chunks.
 */

/** A view of a normalised content: signatures of its target (and of target 0) are matched in each view on its own. */
export type NormalisedView = 'text' | 'nocomment' | 'notags' | 'javascript';

/** Takes normalised bytes of one view, in order. The bytes are valid during the call only. */
export type NormalisedSink = (view: NormalisedView, bytes: Uint8Array) => void;

/** A normaliser of one content. */
export interface Normaliser {
  push(chunk: Uint8Array): void;
  /** Ends the content: everything that is left comes out. */
  finish(): void;
}
