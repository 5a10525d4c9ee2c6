/**
 * UTF-8 with abbreviations: what nearly all texts of flagged subjects have in common is one byte, and a digest in hex
 * half as long. The bytes f5 to ff occur in no UTF-8, so that any text comes back as it was (but for lone surrogates,
 * which JSON texts do not have). A text of a file of an ordinary path takes 60 % of its length.
 */
import { toHex } from '../../base/bytes.js';

/** Followed by 32 bytes. */
const hexCode = 0xff;

const firstCode = 0xf5;
const kinds: readonly string[] = ['","file","', '","url","'];
/** What follows a key. */
const afterKeys: readonly string[] = ['","unreachable",0,[["file-sha256",1', '","deadline",0,[["file-sha256",1', '","unreachable","http'];
const places: readonly string[] = [']],1,"file","', '[["url-sha256",1]],'];
/** By code, from `firstCode` on. In memory only: the order means nothing to any file. */
const phrases: readonly string[] = [...kinds, ...afterKeys, ...places];

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The most bytes that a text can take. */
export function mostBytes(text: string): number {
  return 3 * text.length;
}

/** Writes the text at the beginning of `into`; the number of bytes. */
export function encodeText(text: string, into: Uint8Array): number {
  const writer = new Abbreviator(text, into);
  // In the order of a subject's fields: what stands elsewhere is written out.
  if (writer.skipTo(kinds)) {
    writer.hexHere();
    writer.oneHere(afterKeys);
    writer.skipTo(places);
  }
  return writer.end();
}

class Abbreviator {
  readonly #text: string;
  readonly #into: Uint8Array;
  /** Units of the text that are written. */
  #from = 0;
  /** Bytes that are written. */
  #at = 0;

  constructor(text: string, into: Uint8Array) {
    this.#text = text;
    this.#into = into;
  }

  /** Writes up to the first of these phrases that occurs, and its code; false when none does. */
  skipTo(some: readonly string[]): boolean {
    for (const phrase of some) {
      const index = this.#text.indexOf(phrase, this.#from);
      if (index >= 0) {
        this.#write(index);
        this.#code(phrase);
        return true;
      }
    }
    return false;
  }

  /** Writes the code of one of these phrases, where it stands here. */
  oneHere(some: readonly string[]): void {
    for (const phrase of some) {
      if (this.#text.startsWith(phrase, this.#from)) {
        return this.#code(phrase);
      }
    }
  }

  /** Writes a digest in hex, where it stands here. */
  hexHere(): void {
    for (let byte = 0; byte < 32; byte++) {
      const high = nibbleOf(this.#text.charCodeAt(this.#from + 2 * byte));
      const low = nibbleOf(this.#text.charCodeAt(this.#from + 2 * byte + 1));
      if (high < 0 || low < 0) {
        return;
      }
      this.#into[this.#at + 1 + byte] = (high << 4) | low;
    }
    this.#into[this.#at] = hexCode;
    this.#at += 33;
    this.#from += 64;
  }

  end(): number {
    this.#write(this.#text.length);
    return this.#at;
  }

  #code(phrase: string): void {
    this.#into[this.#at++] = firstCode + phrases.indexOf(phrase);
    this.#from += phrase.length;
  }

  #write(to: number): void {
    if (to > this.#from) {
      this.#at += encoder.encodeInto(this.#text.slice(this.#from, to), this.#into.subarray(this.#at)).written;
      this.#from = to;
    }
  }
}

/** The value of a lower-case digit; -1 for anything else, the end of a text too. */
function nibbleOf(unit: number): number {
  return unit >= 0x30 && unit <= 0x39 ? unit - 0x30 : unit >= 0x61 && unit <= 0x66 ? unit - 0x57 : -1;
}

/** The text of these bytes, which `encodeText` has written. */
export function decodeText(bytes: Uint8Array): string {
  let text = '';
  let from = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte >= firstCode) {
      text += decoder.decode(bytes.subarray(from, at));
      from = at + (byte === hexCode ? 33 : 1);
      text += byte === hexCode ? toHex(bytes.subarray(at + 1, from)) : phrases[byte - firstCode]!;
      at = from - 1;
    }
  }
  return text + decoder.decode(bytes.subarray(from));
}
