/**
 * Texts of two or four bytes a character, as HTML is looked for in them. clamscan decodes UTF-16 in a way of its own: a
 * byte of each pair, plus sixteen times the second one. For ASCII that is the character.
 */
import { HtmlNormaliser } from '../html-normaliser.js';
import type { NormalisedSink, Normaliser } from '../normalise.js';

/** First bytes of contents that are converted by their encoding: byte order marks, and `<` as four or two bytes. */
const BEGINNINGS: readonly (readonly number[])[] = [
  [0xfe, 0xff],
  [0xff, 0xfe, 0, 0],
  [0, 0, 0xfe, 0xff],
  [0, 0, 0, 0x3c],
  [0x3c, 0, 0, 0],
];

/** The pairs of bytes as bytes; a byte that is left over does not count. */
export function decodeUtf16(bytes: Uint8Array): Uint8Array {
  const decoded = new Uint8Array(bytes.length >> 1);
  for (let i = 0; i < decoded.length; i++) {
    decoded[i] = (bytes[2 * i] ?? 0) + ((bytes[2 * i + 1] ?? 0) << 4);
  }
  return decoded;
}

/** Whether the content begins as one in another wide encoding than little-endian UTF-16 does. */
export function isWideEncoding(head: Uint8Array): boolean {
  return BEGINNINGS.some((bytes) => bytes.every((byte, i) => head[i] === byte));
}

/** The views of HTML in UTF-16. */
export class WideHtmlNormaliser implements Normaliser {
  readonly #normaliser: HtmlNormaliser;
  #left: number | undefined;

  constructor(sink: NormalisedSink) {
    this.#normaliser = new HtmlNormaliser(sink);
  }

  push(chunk: Uint8Array): void {
    let rest = chunk;
    if (this.#left !== undefined && chunk.length > 0) {
      this.#normaliser.push(decodeUtf16(Uint8Array.of(this.#left, chunk[0] ?? 0)));
      rest = chunk.subarray(1);
      this.#left = undefined;
    }
    this.#normaliser.push(decodeUtf16(rest));
    if (rest.length % 2 === 1) {
      this.#left = rest.at(-1);
    }
  }

  finish(): void {
    this.#normaliser.finish();
  }
}
