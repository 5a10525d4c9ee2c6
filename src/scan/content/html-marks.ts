/**
 * Tells HTML that begins somewhere in a text, past the head that decided its type: clamscan then matches the raw bytes
 * with target 0 and the normalised views of the HTML with targets 0 and 3, and leaves the text view (target 7) out.
 * Only ASCII text is searched for it, the whole of it, whatever the chunks.
 */
import { concatBytes } from '../../base/bytes.js';
import { plainBytes } from '../../pattern/bytes/byte-reader.js';
import { HTML_MARKS } from './head/patterns.js';

const OPEN = 0x3c;
/** One less than the longest mark: as much of a chunk as can be the beginning of a mark that the next one ends. */
const CARRIED: number = Math.max(...HTML_MARKS.map((mark) => mark.length)) - 1;
const MARKS: readonly Uint8Array[] = HTML_MARKS.map((mark) => Uint8Array.from(mark, (char) => char.charCodeAt(0)));
/** Marks by the byte behind the `<`: most have none. */
const BY_SECOND: readonly (readonly Uint8Array[])[] = Array.from({ length: 256 }, (_, byte) => MARKS.filter((mark) => mark[1] === byte));

const noBytes: Uint8Array = new Uint8Array(0);

/** Searches a text for marks of HTML, chunk by chunk. */
export class HtmlMarks {
  #found = false;
  #linkOpen = false;
  #carried: Uint8Array = noBytes;

  /** Whether the text so far shows HTML. */
  get found(): boolean {
    return this.#found;
  }

  /** Takes the next bytes; the chunk is not kept. */
  push(chunk: Uint8Array): void {
    if (this.#found || chunk.length === 0) {
      return;
    }
    // A Buffer has other code than a Uint8Array: loops that see both are slow on both.
    const bytes = plainBytes(chunk);
    if (this.#carried.length > 0 || bytes.length < CARRIED) {
      const seam = concatBytes([this.#carried, bytes.subarray(0, CARRIED)]);
      this.#found = this.#search(seam);
      this.#carried = seam.slice(-CARRIED);
    }
    if (bytes.length >= CARRIED) {
      this.#found ||= this.#search(bytes);
      this.#carried = bytes.slice(-CARRIED);
    }
  }

  #search(bytes: Uint8Array): boolean {
    if (this.#linkOpen) {
      return hasReference(bytes, 0) || hasMark(bytes);
    }
    for (let at = bytes.indexOf(OPEN); at !== -1; at = bytes.indexOf(OPEN, at + 1)) {
      if (isMark(bytes, at)) {
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
    if (isMark(bytes, at)) {
      return true;
    }
  }
  return false;
}

function isMark(bytes: Uint8Array, at: number): boolean {
  const marks = at + 1 < bytes.length ? BY_SECOND[bytes[at + 1]!]! : [];
  for (const mark of marks) {
    if (standsAt(mark, bytes, at)) {
      return true;
    }
  }
  return false;
}

function standsAt(mark: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < mark.length; i++) {
    if (bytes[at + i] !== mark[i]) {
      return false;
    }
  }
  return true;
}

/** `<a ` or `<A `. */
function isLinkOpen(bytes: Uint8Array, at: number): boolean {
  return ((bytes[at + 1] ?? 0) | 0x20) === 0x61 && bytes[at + 2] === 0x20;
}

/** `href` in the spellings that count: its last two letters agree in case. */
function hasReference(bytes: Uint8Array, from: number): boolean {
  for (let at = from; at + 4 <= bytes.length; at++) {
    if ((bytes[at]! | 0x20) === 0x68 && (bytes[at + 1]! | 0x20) === 0x72) {
      const isLower = bytes[at + 2] === 0x65 && bytes[at + 3] === 0x66;
      if (isLower || (bytes[at + 2] === 0x45 && bytes[at + 3] === 0x46)) {
        return true;
      }
    }
  }
  return false;
}
