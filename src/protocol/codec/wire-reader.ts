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
import { toLatin1 } from '../../base/bytes.js';
import { badMessage } from './structure.js';

/** What an integer may be. Above 2^53 it comes as `bigint`. */
export type WireInteger = number | bigint;

/** A place in the bytes that moves on with each value that is read. */
export class WireReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #itemsLeft: number;

  /** `maxItems`: values in all, arrays included. */
  constructor(bytes: Uint8Array, maxItems: number) {
    this.#bytes = bytes;
    this.#itemsLeft = maxItems - 1;
  }

  /** The tag of the value that comes next. */
  peek(): number {
    const tag = this.#bytes[this.#at];
    if (tag === undefined) {
      throw badMessage('the message ends early');
    }
    return tag;
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
    if (count > this.#bytes.length - this.#at) {
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
    const tag = this.peek();
    if (tag < 0xc4 || tag > 0xc6) {
      throw badMessage('no byte string where one is expected');
    }
    this.#at++;
    const length = this.#unsigned(1 << (tag - 0xc4));
    const start = this.#skip(length);
    return this.#bytes.subarray(start, start + length);
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
    return decodeText(this.#bytes.subarray(start, start + length));
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
    if (this.#at !== this.#bytes.length) {
      throw badMessage('bytes after the value');
    }
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
    if (length > this.#bytes.length - start) {
      throw badMessage('a length beyond the end of the message');
    }
    this.#at = start + length;
    return start;
  }
}

/** Up to here the units of an ASCII text are put together one by one: a decoder of the platform costs more. */
const shortText = 64;

function decodeText(bytes: Uint8Array): string {
  if (bytes.length <= shortText && bytes.every((byte) => byte < 0x80)) {
    return toLatin1(bytes);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw badMessage('text that is no UTF-8');
  }
}
