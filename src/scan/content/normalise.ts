/**
 * Normalised views of contents: what signatures of target 7 (text) and 3 (HTML) are matched in, as ClamAV's documentation
 * describes them ("Writing signatures for special files"). One pass, bounded memory: bytes go in by `push`, normalised
 * bytes come out through the sink, the same ones whatever the chunks.
 *
 * Which views a content has, by its plan (ScanPlan), as clamscan 1.4.6 shows; every view is a content of its own, with
 * its own offsets and anchors, `EOF-n` included:
 * - `raw`: the raw bytes, with targets 0 and that of the type;
 * - `text`: the raw bytes with target 0 only, and `text` with targets 0 and 7 unless the content has more than
 *   MAX_TEXT_BYTES. ASCII texts (`TEXT_ASCII`, not UTF-16) in which HtmlMarks finds HTML have the views of `html` instead
 *   of `text`, made from their first byte, and keep the raw bytes with target 0;
 * - `html`: `nocomment` with targets 0 and 3, `notags` too unless `nocomment` has more than 8 MiB; not the
 *   raw bytes. More than MAX_HTML_BYTES: no views, so nothing at all is matched;
 * - `html-utf16`: the same of the decoded bytes, and the raw bytes with target 0;
 * - `none`: nothing.
 *
 * Out of reach: the third view of HTML, normalised scripts (targets 0 and 3, and again as a text with 0 and 7); contents
 * of `data:` URLs; what lies inside of other contents (an executable in another file, archives, mail, macros).
 */

/** Texts above this size have no `text` view. */
export const MAX_TEXT_BYTES = 20_971_520;
/** HTML above this size has no views. */
export const MAX_HTML_BYTES = 41_943_040;

/** Names of the normalised views. */
export type NormalisedView = 'text' | 'nocomment' | 'notags';

/** Takes normalised bytes of one view, in order. They are valid during the call only. */
export type NormalisedSink = (view: NormalisedView, bytes: Uint8Array) => void;

/** A normaliser of one content. */
export interface Normaliser {
  /** Takes the next bytes; the chunk is not kept. */
  push(chunk: Uint8Array): void;
  /** Ends the content: everything that is left comes out. */
  finish(): void;
}
