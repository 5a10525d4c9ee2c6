/**
 * Reads untrusted msgpack from its first byte to its last, value by value, and refuses what no message of the protocol
 * contains: nested arrays of integers, strings, byte strings and nil are all there is, and declared lengths must be
 * really there.
 *
 * Maps, floats, booleans, extensions (msgpackr's record extension 0x72 among them) and the reserved byte are refused:
 * there is no object that a key could poison and no length that could allocate. Time and memory are linear in the bytes.
 * Follows https://github.com/msgpack/msgpack/blob/master/spec.md. That it reads what msgpackr reads behind a scan of the
 * structure, and nothing else, test/protocol/clear-forms.test.ts says.
 */
import { badMessage } from './structure.js';

/** What an integer may be. Above 2^53 it comes as `bigint`. */
export type WireInteger = number | bigint;

/** A place in the bytes that moves on with each value that is read. */
export class WireReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #end: number;
  #itemsLeft: number;
  /** Outside of a message that was entered: its own end and budget, which wait until it is left. */
  #outerEnd: number;
  #outerItemsLeft = 0;

  /** `maxItems`: values in all, arrays included. */
  constructor(bytes: Uint8Array, maxItems: number) {
    this.#bytes = bytes;
    this.#end = bytes.length;
    this.#outerEnd = bytes.length;
    this.#itemsLeft = maxItems - 1;
  }

  /** How many bytes have been read. */
  get at(): number {
    return this.#at;
  }

  /** Enters a byte string that holds a message of its own, with a budget of its own, and says how long it is. None within another. */
  enter(maxItems: number): number {
    const length = this.#bytesHead();
    this.#outerEnd = this.#end;
    this.#outerItemsLeft = this.#itemsLeft;
    this.#end = this.#at + length;
    this.#itemsLeft = maxItems - 1;
    return length;
  }

  /** Leaves the message that was entered: there must be nothing more in it. */
  leave(): void {
    this.end();
    this.#end = this.#outerEnd;
    this.#itemsLeft = this.#outerItemsLeft;
  }

  /** The tag of the value that comes next. */
  peek(): number {
    if (this.#at >= this.#end) {
      throw badMessage('the message ends early');
    }
    return this.#bytes[this.#at]!;
  }

  /** Enters an array: how many values follow. */
  list(): number {
    const tag = this.peek();
    this.#at++;
    let count: number;
    if (tag >= 0x90 && tag <= 0x9f) {
      count = tag & 0x0f;
    } else if (tag === 0xdc || tag === 0xdd) {
      count = this.#unsigned(tag === 0xdc ? 2 : 4);
    } else {
      throw badMessage('no list where one is expected');
    }
    // Each value takes a byte at least: a count that the rest cannot hold ends here, before anything is kept for it.
    if (count > this.#end - this.#at) {
      throw badMessage('an array longer than the message');
    }
    this.#itemsLeft -= count;
    if (this.#itemsLeft < 0) {
      throw badMessage('too many values');
    }
    return count;
  }

  /** An integer of any kind. */
  integer(): WireInteger {
    const tag = this.peek();
    this.#at++;
    if (tag <= 0x7f) {
      return tag;
    }
    if (tag >= 0xe0) {
      return tag - 0x100;
    }
    switch (tag) {
      case 0xcc:
        return this.#unsigned(1);
      case 0xcd:
        return this.#unsigned(2);
      case 0xce:
        return this.#unsigned(4);
      case 0xcf:
        return this.#wide(false);
      case 0xd0:
        return (this.#unsigned(1) << 24) >> 24;
      case 0xd1:
        return (this.#unsigned(2) << 16) >> 16;
      case 0xd2:
        return this.#unsigned(4) | 0;
      case 0xd3:
        return this.#wide(true);
      default:
        throw badMessage('no integer where one is expected');
    }
  }

  /** A byte string, as a view. */
  bytes(): Uint8Array {
    const length = this.#bytesHead();
    const start = this.#skip(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Passes over a byte string and says how long it is. */
  skipBytes(): number {
    const length = this.#bytesHead();
    this.#skip(length);
    return length;
  }

  /** A byte string of 4 bytes, as a big-endian number. Without the view that `bytes` makes, as the next two. */
  fourBytes(what: string): number {
    const at = this.#fixed(what, 4);
    const bytes = this.#bytes;
    return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
  }

  /** A byte string of that length, as a copy. */
  copy(what: string, length: number): Uint8Array {
    const at = this.#fixed(what, length);
    const copy = new Uint8Array(length);
    for (let i = 0; i < length; i++) {
      copy[i] = this.#bytes[at + i]!;
    }
    return copy;
  }

  /** True when the next value is this byte string, which is then read. */
  isBytes(expected: Uint8Array): boolean {
    const start = this.#at;
    if (this.#bytesHead() === expected.length) {
      const at = this.#skip(expected.length);
      let i = 0;
      while (i < expected.length && this.#bytes[at + i] === expected[i]) {
        i++;
      }
      if (i === expected.length) {
        return true;
      }
    }
    this.#at = start;
    return false;
  }

  /** A text. */
  text(): string {
    const tag = this.peek();
    this.#at++;
    let length: number;
    if (tag >= 0xa0 && tag <= 0xbf) {
      length = tag & 0x1f;
    } else if (tag >= 0xd9 && tag <= 0xdb) {
      length = this.#unsigned(1 << (tag - 0xd9));
    } else {
      throw badMessage('no text where one is expected');
    }
    const start = this.#skip(length);
    return shortAscii(this.#bytes, start, length) ?? decodeText(this.#bytes.subarray(start, start + length));
  }

  /** True when the next value was nil, which is then read. */
  nil(): boolean {
    if (this.peek() !== 0xc0) {
      return false;
    }
    this.#at++;
    return true;
  }

  /** There is nothing more. */
  end(): void {
    if (this.#at !== this.#end) {
      throw badMessage('bytes after the value');
    }
  }

  #bytesHead(): number {
    const tag = this.peek();
    if (tag < 0xc4 || tag > 0xc6) {
      throw badMessage('no byte string where one is expected');
    }
    this.#at++;
    const length = this.#unsigned(1 << (tag - 0xc4));
    if (length > this.#end - this.#at) {
      throw badMessage('a length beyond the end of the message');
    }
    return length;
  }

  /** Where the content of the next byte string begins. */
  #fixed(what: string, length: number): number {
    if (this.#bytesHead() !== length) {
      throw badMessage(`${what} is no byte string of ${length} bytes`);
    }
    return this.#skip(length);
  }

  #unsigned(length: number): number {
    const start = this.#skip(length);
    let value = 0;
    for (let i = start; i < start + length; i++) {
      value = value * 256 + this.#bytes[i]!;
    }
    return value;
  }

  #wide(isSigned: boolean): WireInteger {
    const high = isSigned ? this.#unsigned(4) | 0 : this.#unsigned(4);
    const low = this.#unsigned(4);
    const value = high * 2 ** 32 + low;
    return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) | BigInt(low);
  }

  /** Where the next `length` bytes begin. */
  #skip(length: number): number {
    const start = this.#at;
    if (length > this.#end - start) {
      throw badMessage('a length beyond the end of the message');
    }
    this.#at = start + length;
    return start;
  }
}

/** Up to here the units of an ASCII text are put together one by one: a decoder of the platform costs more. */
const shortText = 64;

/** Four units at a time: fewer strings in between. Undefined for any other text. */
function shortAscii(bytes: Uint8Array, start: number, length: number): string | undefined {
  if (length > shortText) {
    return undefined;
  }
  const end = start + length;
  let high = 0;
  for (let at = start; at < end; at++) {
    high |= bytes[at]!;
  }
  if (high > 0x7f) {
    return undefined;
  }
  let text = '';
  let at = start;
  for (; at + 4 <= end; at += 4) {
    text += String.fromCharCode(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!);
  }
  for (; at < end; at++) {
    text += String.fromCharCode(bytes[at]!);
  }
  return text;
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw badMessage('text that is no UTF-8');
  }
}
