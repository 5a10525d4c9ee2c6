/**
 * Normalised views of contents: what signatures of target 7 (text) and 3 (HTML) are matched in, as ClamAV's documentation
 * describes them ("Writing signatures for special files"). One pass, bounded memory: bytes go in by `push`, normalised
 * bytes come out through the sink, the same ones whatever the chunks.
 *
 * Which views a content has (observed on clamscan 1.4.6; every view is a content of its own for offsets and anchors):
 * - text (`ScanPlan` `text`): the raw bytes with target 0, and `text` with targets 0 and 7, up to MAX_TEXT_BYTES;
 * - HTML that the head shows (`html`): `nocomment`, `notags` and `script` with targets 0 and 3, `script` as a text again
 *   with targets 0 and 7; not the raw bytes. Up to MAX_HTML_BYTES, beyond that nothing at all is matched;
 * - HTML that is found later in an ASCII text (HtmlMarks): as before, and the raw bytes with target 0; not `text`;
 * - HTML in UTF-16 (`HTML_UTF16`): the views of the decoded bytes, and the raw bytes with target 0.
 */

/** Texts above this size have no `text` view. */
export const MAX_TEXT_BYTES = 20_971_520;
/** HTML above this size has no views. */
export const MAX_HTML_BYTES = 41_943_040;
/** When `nocomment` grows above this, `notags` is not matched. */
export const MAX_NOTAGS_BYTES = 8_388_608;

/** Names of the normalised views. */
export type NormalisedView = 'text' | 'nocomment' | 'notags' | 'script';

/** Takes normalised bytes of one view, in order. They are valid during the call only. */
export type NormalisedSink = (view: NormalisedView, bytes: Uint8Array) => void;

/** A normaliser of one content. */
export interface Normaliser {
  /** Takes the next bytes; the chunk is not kept. */
  push(chunk: Uint8Array): void;
  /** Ends the content: everything that is left comes out. */
  finish(): void;
}
