/**
 * A long run of bytes in parts, as a table of millions of records is kept: parts that a host maps into memory, and a
 * checksum for each page of 4 KiB, compared when the page is touched for the first time. What a damaged disk gives back
 * is thereby an error and never an answer, at the price of one pass over what is used.
 */
import { VedetteError } from '../../../base/errors.js';

/** Bytes under one checksum. */
export const pageBytes = 4096;

/** The checksum of a page: 32 bits. */
export type Checksum = (bytes: Uint8Array) => number;

/** What a run is made of. */
export interface ByteRunParts {
  /** In errors. */
  readonly name: string;
  /** Every part but the last has `partBytes`, a multiple of 4096. Kept, not copied. */
  readonly parts: readonly Uint8Array[];
  readonly partBytes: number;
  /** One u32 (little-endian) for each page. */
  readonly sums: Uint8Array;
  readonly checksum: Checksum;
}

/** Bytes by position. Reading beyond the end is a fault of the caller. */
export class ByteRun {
  readonly length: number;
  readonly partBytes: number;
  readonly parts: readonly Uint8Array[];
  readonly #name: string;
  readonly #sums: DataView;
  readonly #checksum: Checksum;
  /** 1 for a page that was found right. */
  readonly #sound: Uint8Array;

  /** @throws VedetteError `store-damaged` when parts and checksums do not fit together. */
  constructor({ name, parts, partBytes, sums, checksum }: ByteRunParts) {
    this.#name = name;
    this.parts = parts;
    this.partBytes = partBytes;
    this.length = parts.reduce((sum, part) => sum + part.length, 0);
    const pages = Math.ceil(this.length / pageBytes);
    const full = parts.slice(0, -1).every((part) => part.length === partBytes) && (parts.at(-1)?.length ?? 0) <= partBytes;
    if (!full || sums.length !== pages * 4) {
      throw this.#damaged('its parts do not fit together');
    }
    this.#sums = new DataView(sums.buffer, sums.byteOffset, sums.byteLength);
    this.#checksum = checksum;
    this.#sound = new Uint8Array(pages);
  }

  /** Makes sure that the pages of [from, to) are what was written. @throws VedetteError `store-damaged`. */
  touch(from: number, to: number): void {
    const last = Math.floor((to - 1) / pageBytes);
    for (let page = Math.floor(from / pageBytes); page <= last; page++) {
      if (this.#sound[page] !== 1) {
        this.#check(page);
      }
    }
  }

  /** Touches all pages, so many in each step. @throws VedetteError `store-damaged`. */
  *touchAll(pagesPerStep: number): Generator<void, void> {
    const step = pagesPerStep * pageBytes;
    for (let at = 0; at < this.length; at += step) {
      this.touch(at, Math.min(this.length, at + step));
      yield;
    }
  }

  /** The bytes [from, to), found right: a view where they lie in one part, else a copy. */
  slice(from: number, to: number): Uint8Array {
    if (from < 0 || from > to || to > this.length) {
      throw this.#damaged(`there is nothing at ${from} to ${to}`);
    }
    this.touch(from, to);
    const part = Math.floor(from / this.partBytes);
    const base = part * this.partBytes;
    if (to - base <= this.partBytes) {
      return this.parts[part]?.subarray(from - base, to - base) ?? new Uint8Array(0);
    }
    const copy = new Uint8Array(to - from);
    const head = this.parts[part]!.subarray(from - base);
    copy.set(head);
    copy.set(this.slice(base + this.partBytes, to), head.length);
    return copy;
  }

  #check(page: number): void {
    const at = page * pageBytes;
    const part = Math.floor(at / this.partBytes);
    const start = at - part * this.partBytes;
    const bytes = this.parts[part]?.subarray(start, start + pageBytes) ?? new Uint8Array(0);
    if (this.#checksum(bytes) !== this.#sums.getUint32(page * 4, true)) {
      throw this.#damaged(`page ${page} is not what was written`);
    }
    this.#sound[page] = 1;
  }

  #damaged(why: string): VedetteError {
    return new VedetteError('store-damaged', `server store: ${this.#name}: ${why}; import the server pattern again`, { detail: { what: this.#name } });
  }
}
