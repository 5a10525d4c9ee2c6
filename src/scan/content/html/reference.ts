/**
 * Character references of HTML (`&lt;`, `&#65;`, `&#x41;`): decoded where the name is known, written as they are in lower
 * case where it is not, or where no semicolon ends it.
 */
import { BYTE, lower } from './bytes.js';
import { HTML_ENTITIES } from './entities.js';
import type { HtmlOutput } from './output.js';
import type { TagValue } from './tag-value.js';

/** A name longer than this is none. */
const MAX_NAME = 1024;
/** No name that is known is longer. */
const MAX_KNOWN = 8;
const HEX_MARK = 0x78;

/** How a byte was taken: it belongs to the reference, ends it, or stands behind it and has to be taken anew. */
export type Taken = 'inside' | 'done' | 'again';

/** Reads one reference after the other. */
export class HtmlReference {
  readonly #output: HtmlOutput;
  readonly #name: Uint8Array = new Uint8Array(MAX_NAME);
  #length = 0;
  #value: TagValue | undefined;
  #number: number | undefined;
  #isHex = false;
  #hasDigits = false;

  constructor(output: HtmlOutput) {
    this.#output = output;
  }

  /** An ampersand was seen. `value` takes what the reference becomes, where it stands in one. */
  begin(value?: TagValue): void {
    this.#value = value;
    this.#length = 0;
    this.#number = undefined;
    this.#isHex = false;
    this.#hasDigits = false;
  }

  take(byte: number): Taken {
    if (this.#number !== undefined) {
      return this.#takeDigit(byte, this.#number);
    }
    if (byte === BYTE.hash && this.#length === 0) {
      this.#number = 0;
      return 'inside';
    }
    if (byte === BYTE.semicolon) {
      this.#endName(this.#known(), ';');
      return 'done';
    }
    if (!isNameByte(byte) || this.#length === MAX_NAME) {
      this.#endName(undefined, '');
      return 'again';
    }
    this.#name[this.#length++] = byte;
    return 'inside';
  }

  /** A byte that belongs to no reference follows. */
  interrupt(): void {
    if (this.#number === undefined) {
      this.#endName(undefined, '');
    } else {
      this.#character(this.#number % 0x1_0000);
    }
  }

  /** The content ends: a name counts without its semicolon, a number does not. */
  finish(): void {
    if (this.#number === undefined && this.#length > 0) {
      this.#endName(this.#known(), '');
    }
  }

  #known(): number | undefined {
    return this.#length > MAX_KNOWN ? undefined : HTML_ENTITIES.get(String.fromCharCode(...this.#name.subarray(0, this.#length)));
  }

  #takeDigit(byte: number, number: number): Taken {
    const digit = digitOf(byte, this.#isHex);
    if (!this.#hasDigits && (byte | 0x20) === HEX_MARK) {
      this.#isHex = true;
      return 'inside';
    }
    if (digit !== undefined) {
      this.#hasDigits = true;
      this.#number = (number * (this.#isHex ? 16 : 10) + digit) % 2 ** 32;
      return 'inside';
    }
    const code = number % 0x1_0000;
    if (byte !== BYTE.semicolon) {
      this.#character(code);
      return 'again';
    }
    // A number whose 16 bits are all zero comes to nothing unless it is zero.
    if (code !== 0 || number === 0) {
      this.#character(lower(code));
    }
    return 'done';
  }

  #endName(code: number | undefined, end: ';' | ''): void {
    if (code !== undefined) {
      this.#character(code);
      return;
    }
    this.#write(BYTE.ampersand);
    for (let i = 0; i < this.#length; i++) {
      this.#write(lower(this.#name[i]!));
    }
    if (end === ';') {
      this.#write(BYTE.semicolon);
    }
  }

  #write(byte: number): void {
    this.#output.markup(byte);
    this.#value?.add(byte);
  }

  #character(code: number): void {
    this.#output.character(code);
    this.#value?.add(code & 0xff);
  }
}

function isNameByte(byte: number): boolean {
  const letter = byte | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || (byte >= 0x30 && byte <= BYTE.colon) || byte === 0x2d || byte === 0x5f;
}

function digitOf(byte: number, isHex: boolean): number | undefined {
  if (byte >= 0x30 && byte <= 0x39) {
    return byte - 0x30;
  }
  const letter = byte | 0x20;
  return isHex && letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : undefined;
}
