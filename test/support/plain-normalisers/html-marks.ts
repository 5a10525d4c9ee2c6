/**
 * Tells HTML that begins somewhere in a text, past the head that decided its type: clamscan then matches the raw bytes
 * with target 0 and the normalised views of the HTML with targets 0 and 3, and leaves the text view (target 7) out.
 * Only ASCII text is searched for it, the whole of it, whatever the chunks.
 */
import { HTML_MARKS } from './head-patterns.js';

const OPEN = 0x3c;
/** One less than the longest mark: as much of a chunk as can be the beginning of a mark that the next one ends. */
const CARRIED: number = Math.max(...HTML_MARKS.map((mark) => mark.length)) - 1;
const MARKS: readonly Uint8Array[] = HTML_MARKS.map((mark) => Uint8Array.from(mark, (char) => char.charCodeAt(0)));
const REFERENCES: readonly string[] = ['href', 'Href', 'hRef', 'HRef', 'hrEF', 'HrEF', 'hREF', 'HREF'];

/** Searches a text for marks of HTML, chunk by chunk. */
export class PlainHtmlMarks {
  #found = false;
  #linkOpen = false;
  #carried: Uint8Array = new Uint8Array();

  /** Whether the text so far shows HTML. */
  get found(): boolean {
    return this.#found;
  }

  /** Takes the next bytes; the chunk is not kept. */
  push(chunk: Uint8Array): void {
    if (this.#found) {
      return;
    }
    const seam = new Uint8Array(this.#carried.length + Math.min(chunk.length, CARRIED));
    seam.set(this.#carried);
    seam.set(chunk.subarray(0, CARRIED), this.#carried.length);
    this.#found = this.#search(seam) || this.#search(chunk);
    this.#carried = chunk.length < CARRIED ? seam.slice(-CARRIED) : chunk.slice(-CARRIED);
  }

  #search(bytes: Uint8Array): boolean {
    if (this.#linkOpen) {
      return hasReference(bytes, 0) || hasMark(bytes);
    }
    for (let at = bytes.indexOf(OPEN); at !== -1; at = bytes.indexOf(OPEN, at + 1)) {
      if (MARKS.some((mark) => standsAt(mark, bytes, at))) {
        return true;
      }
      if (isLinkOpen(bytes, at)) {
        this.#linkOpen = true;
        return hasReference(bytes, at + 3) || hasMark(bytes.subarray(at + 1));
      }
    }
    return false;
  }
}

function hasMark(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(OPEN); at !== -1; at = bytes.indexOf(OPEN, at + 1)) {
    if (MARKS.some((mark) => standsAt(mark, bytes, at))) {
      return true;
    }
  }
  return false;
}

function standsAt(mark: Uint8Array, bytes: Uint8Array, at: number): boolean {
  return at + mark.length <= bytes.length && mark.every((byte, i) => bytes[at + i] === byte);
}

/** `<a ` or `<A `. */
function isLinkOpen(bytes: Uint8Array, at: number): boolean {
  return ((bytes[at + 1] ?? 0) | 0x20) === 0x61 && bytes[at + 2] === 0x20;
}

/** `href` in the spellings that count: its last two letters agree in case. */
function hasReference(bytes: Uint8Array, from: number): boolean {
  for (let at = from; at + 4 <= bytes.length; at++) {
    const first = bytes[at] ?? 0;
    if ((first === 0x68 || first === 0x48) && REFERENCES.includes(String.fromCharCode(...bytes.subarray(at, at + 4)))) {
      return true;
    }
  }
  return false;
}
