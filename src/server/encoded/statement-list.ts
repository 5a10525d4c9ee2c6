/**
 * The statements of an answer as they travel, one behind the other in one array. A store that writes there needs no
 * `Statement`, no record and no array for each prefix, which take longer than to look the prefix up. What is written is
 * what `encodeStatement` and `encodeStatementList` write, byte for byte (test/server/encoded).
 */
import { prefixBytes, type AnswerRecord } from '../../base/fingerprint.js';
import type { Statement } from '../../protocol/messages.js';
import { encodeRecords, encodeStatement } from '../../protocol/statement.js';

/** What is said of a hash, encoded: a record is `before`, the hash, `after`. */
export interface EncodedRecord {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** What statements of one group have in common. */
export type CommonHead = Omit<Statement, 'prefix' | 'records'>;

/** Where a hash lies. */
export interface HashAt {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly width: number;
}

/** The head of the list: an array of up to 65,535 values. Of a list of less than 16, its first byte alone would do. */
const listHeadBytes = 3;
/** The longest head of a byte string. */
const lengthBytes = 5;
/** In a statement, before its prefix: the head of the array, version, kind, algorithm, and the head of the byte string. */
const prefixAt = 6;
const firstBytes = 16_384;
const noRecords = 0x90;
const oneRecord = 0x91;

/** Statements, at most 65,535 of them. */
export class StatementList {
  #bytes = new Uint8Array(firstBytes);
  #at = listHeadBytes;
  #count = 0;
  #room: number;
  #head = new Uint8Array(0);

  /** `maxBytes`: what does not fit any more is left out. */
  constructor(maxBytes: number) {
    this.#room = maxBytes;
  }

  /** Begins the statements of a group. */
  begin(common: CommonHead): void {
    const whole = encodeStatement({ ...common, prefix: new Uint8Array(prefixBytes), records: [] });
    this.#head = whole.slice(0, -1);
  }

  /** "Not listed" under a prefix. */
  appendEmpty(prefix: number): void {
    if (this.#reserve(this.#head.length + 1)) {
      this.#putHead(prefix);
      this.#bytes[this.#at++] = noRecords;
    }
  }

  /** One record under a prefix. */
  appendRecord(prefix: number, { bytes, at, width }: HashAt, { before, after }: EncodedRecord): void {
    if (this.#reserve(this.#head.length + 1 + before.length + width + after.length)) {
      this.#putHead(prefix);
      this.#bytes[this.#at++] = oneRecord;
      this.#put(before, 0, before.length);
      this.#put(bytes, at, width);
      this.#put(after, 0, after.length);
    }
  }

  /** Any records under a prefix; left out when the statement has more than `maxBytes`. */
  appendRecords(prefix: number, records: readonly AnswerRecord[], maxBytes: number): void {
    if (this.#head.length === 0) {
      throw new TypeError('StatementList: no group was begun');
    }
    const encoded = encodeRecords(records);
    const length = this.#head.length + encoded.length;
    if (length <= maxBytes && this.#reserve(length)) {
      this.#putHead(prefix);
      this.#bytes.set(encoded, this.#at);
      this.#at += encoded.length;
    }
  }

  /** The list as it stands in an answer. Nothing can be appended any more. */
  finish(): Uint8Array {
    if (this.#count < 16) {
      this.#bytes[listHeadBytes - 1] = 0x90 | this.#count;
      return this.#bytes.subarray(listHeadBytes - 1, this.#at);
    }
    this.#bytes[0] = 0xdc;
    this.#bytes[1] = this.#count >>> 8;
    this.#bytes[2] = this.#count;
    return this.#bytes.subarray(0, this.#at);
  }

  /** Writes the head of a byte string of that length. False where there is no room for it: nothing is written. */
  #reserve(length: number): boolean {
    if (length + lengthBytes > this.#room) {
      return false;
    }
    this.#room -= length + lengthBytes;
    this.#grow(length + lengthBytes);
    if (length <= 0xff) {
      this.#bytes[this.#at++] = 0xc4;
    } else if (length <= 0xffff) {
      this.#bytes[this.#at++] = 0xc5;
      this.#bytes[this.#at++] = length >>> 8;
    } else {
      this.#bytes[this.#at++] = 0xc6;
      this.#bytes[this.#at++] = length >>> 24;
      this.#bytes[this.#at++] = length >>> 16;
      this.#bytes[this.#at++] = length >>> 8;
    }
    this.#bytes[this.#at++] = length;
    this.#count++;
    return true;
  }

  #grow(more: number): void {
    if (this.#at + more > this.#bytes.length) {
      const grown = new Uint8Array(2 * (this.#at + more));
      grown.set(this.#bytes.subarray(0, this.#at));
      this.#bytes = grown;
    }
  }

  #putHead(prefix: number): void {
    const from = this.#at;
    this.#put(this.#head, 0, this.#head.length);
    this.#bytes[from + prefixAt] = prefix >>> 24;
    this.#bytes[from + prefixAt + 1] = prefix >>> 16;
    this.#bytes[from + prefixAt + 2] = prefix >>> 8;
    this.#bytes[from + prefixAt + 3] = prefix;
  }

  /** A loop: for so few bytes `set` with a view of them takes twice as long. */
  #put(from: Uint8Array, at: number, length: number): void {
    const to = this.#bytes;
    let end = this.#at;
    for (let i = at; i < at + length; i++) {
      to[end++] = from[i]!;
    }
    this.#at = end;
  }
}
