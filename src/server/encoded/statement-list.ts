/**
 * The statements of an answer as they travel, one behind the other in one array. A store that writes there needs no
 * `Statement`, no record and no array for each prefix, which take longer than to look the prefix up. What is written is
 * what `encodeStatement` and `encodeStatementList` write, byte for byte (test/server/encoded).
 */
import { hashBytes, prefixBytes, type AnswerRecord } from '../../base/fingerprint.js';
import type { Statement } from '../../protocol/messages.js';
import { encodeRecords, encodeStatement } from '../../protocol/statement.js';
import { AnswerMemory } from './answer-memory.js';

/** What is said of a hash, encoded: a record is `before`, the hash, `after`. */
export interface EncodedRecord {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** What statements of one group have in common. */
export type CommonHead = Omit<Statement, 'prefix' | 'records'>;

/** Where a hash lies; its width is a multiple of four. */
export interface HashAt {
  readonly view: DataView;
  readonly at: number;
  readonly width: number;
}

/** Where `after` of an encoded record lies, with up to three bytes behind it that may be read, and the first byte of `before`. */
export interface SaidAt {
  readonly view: DataView;
  readonly at: number;
  readonly length: number;
  readonly first: number;
}

/** Of what a list is made. */
export interface StatementListOptions {
  /** What does not fit any more is left out. */
  readonly maxBytes: number;
  /** Room to begin with. */
  readonly expectedBytes?: number | undefined;
  /** Bytes that are left free before the list. */
  readonly headRoom?: number | undefined;
  /** Default: of its own. */
  readonly memory?: AnswerMemory | undefined;
}

/** The head of the list: an array of up to 65,535 values. Of a list of less than 16, its first byte alone would do. */
const listHeadBytes = 3;
/** The longest head of a byte string. */
const lengthBytes = 5;
/** In a statement, before its prefix: the head of the array, version, kind, algorithm, and the head of the byte string. */
const prefixAt = 6;
const noRecords = 0x90;
const oneRecord = 0x91;
const byteString = 0xc4;
/** Head of the array of a record, and of the byte string of its hash. */
const beforeBytes = 3;
/** Bytes are copied four at a time: so many more than are meant may be written, and are written over. */
const slack = 4;

/** Statements, at most 65,535 of them. */
export class StatementList {
  readonly #memory: AnswerMemory;
  readonly #from: number;
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #at: number;
  #count = 0;
  #room: number;
  /** Bytes of a statement before its list of records. */
  #headLength = 0;
  /** These, the head of a list of one record, and what stands before its hash; and room for a copy by fours. */
  #template: DataView = new DataView(new ArrayBuffer(0));

  constructor({ maxBytes, expectedBytes = 0, headRoom = 0, memory = new AnswerMemory() }: StatementListOptions) {
    this.#room = maxBytes;
    this.#memory = memory;
    this.#bytes = memory.take(expectedBytes + headRoom + listHeadBytes + slack);
    this.#view = viewOf(this.#bytes);
    this.#from = headRoom;
    this.#at = headRoom + listHeadBytes;
  }

  /** Begins the statements of a group. */
  begin(common: CommonHead): void {
    const whole = encodeStatement({ ...common, prefix: new Uint8Array(prefixBytes), records: [] });
    this.#headLength = whole.length - 1;
    const template = new Uint8Array(whole.length + beforeBytes + slack);
    template.set(whole);
    template.set([oneRecord, 0, byteString, hashBytes[common.algorithm]], this.#headLength);
    this.#template = viewOf(template);
  }

  /** "Not listed" under a prefix. */
  appendEmpty(prefix: number): void {
    if (this.#reserve(this.#headLength + 1)) {
      this.#putHead(prefix);
      this.#bytes[this.#at++] = noRecords;
    }
  }

  /** One record under a prefix. `hash` is of the group's algorithm. */
  appendRecord(prefix: number, hash: HashAt, said: SaidAt): void {
    const headLength = this.#headLength + 1 + beforeBytes;
    if (this.#reserve(headLength + hash.width + said.length)) {
      const from = this.#at;
      const view = this.#view;
      copyByFours(this.#template, { at: 0, length: headLength, to: view, toAt: from });
      view.setUint32(from + prefixAt, prefix);
      view.setUint8(from + this.#headLength + 1, said.first);
      copyByFours(hash.view, { at: hash.at, length: hash.width, to: view, toAt: from + headLength });
      copyByFours(said.view, { at: said.at, length: said.length, to: view, toAt: from + headLength + hash.width });
      this.#at = from + headLength + hash.width + said.length;
    }
  }

  /** Any records under a prefix; left out when the statement has more than `maxBytes`. */
  appendRecords(prefix: number, records: readonly AnswerRecord[], maxBytes: number): void {
    if (this.#headLength === 0) {
      throw new TypeError('StatementList: no group was begun');
    }
    const encoded = encodeRecords(records);
    const length = this.#headLength + encoded.length;
    if (length <= maxBytes && this.#reserve(length)) {
      this.#putHead(prefix);
      this.#bytes.set(encoded, this.#at);
      this.#at += encoded.length;
    }
  }

  /** The list as it stands in an answer, `headRoom` free bytes before it. Nothing can be appended any more. */
  finish(): Uint8Array<ArrayBuffer> {
    if (this.#count < 16) {
      this.#bytes[this.#from + listHeadBytes - 1] = 0x90 | this.#count;
      return this.#bytes.subarray(this.#from + listHeadBytes - 1, this.#at);
    }
    this.#bytes[this.#from] = 0xdc;
    this.#bytes[this.#from + 1] = this.#count >>> 8;
    this.#bytes[this.#from + 2] = this.#count;
    return this.#bytes.subarray(this.#from, this.#at);
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
    if (this.#at + more + slack > this.#bytes.length) {
      const grown = this.#memory.take(2 * (this.#at + more + slack));
      grown.set(this.#bytes.subarray(0, this.#at));
      this.#memory.giveBack(this.#bytes);
      this.#bytes = grown;
      this.#view = viewOf(grown);
    }
  }

  #putHead(prefix: number): void {
    copyByFours(this.#template, { at: 0, length: this.#headLength, to: this.#view, toAt: this.#at });
    this.#view.setUint32(this.#at + prefixAt, prefix);
    this.#at += this.#headLength;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Copies `length` bytes and up to three more: for so few, `set` with a view made for it takes longer. */
function copyByFours(from: DataView, { at, length, to, toAt }: { readonly at: number; readonly length: number; readonly to: DataView; readonly toAt: number }): void {
  for (let i = 0; i < length; i += 4) {
    to.setUint32(toAt + i, from.getUint32(at + i, true), true);
  }
}
