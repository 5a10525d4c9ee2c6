/** One group of a hash table: its sorted hashes and the columns beside them, searched in place. */
import type { ByteReader } from '../bytes/byte-reader.js';
import type { Column } from '../bytes/columns.js';
import { openColumn, widthFor } from '../bytes/columns.js';
import type { HashGroup } from './hash-groups.js';
import { hashGroups, prefixNumber } from './hash-groups.js';
import { refused } from '../refused.js';

/** From here on an index of 256 KiB (4 bytes a row and less) spares most steps of a search. */
const indexedFrom = 65_536;

/** How many names and classes there are to point at. */
export interface RowTargets {
  readonly names: number;
  readonly classes: number;
}

/** The rows of one kind and algorithm, sorted by hash. */
export class HashRows {
  readonly group: HashGroup;
  readonly count: number;
  readonly #hashes: Uint8Array;
  readonly #view: DataView;
  readonly #width: number;
  readonly #names: Column;
  readonly #classes: Column;
  readonly #sizes: Column;
  /** Where the hashes with the same upper 16 bits begin. */
  readonly #starts: Uint32Array | undefined;

  constructor(reader: ByteReader, code: number, targets: RowTargets) {
    this.group = hashGroups[code]!;
    this.#width = this.group.width;
    const sizeWidth = reader.u8();
    if (sizeWidth > 7) {
      throw refused('malformed', `hash table: sizes of ${sizeWidth} bytes`);
    }
    this.count = reader.u32();
    this.#hashes = reader.bytes(this.count * this.#width);
    this.#view = new DataView(this.#hashes.buffer, this.#hashes.byteOffset, this.#hashes.byteLength);
    this.#names = openColumn(reader, { count: this.count, width: widthFor(targets.names - 1) });
    this.#classes = openColumn(reader, { count: this.count, width: widthFor(targets.classes - 1) });
    this.#sizes = openColumn(reader, { count: this.count, width: sizeWidth });
    this.#assertRows(targets);
    this.#starts = this.count < indexedFrom ? undefined : this.#index();
  }

  /** A copy. */
  hash(row: number): Uint8Array {
    return this.#hashes.slice(row * this.#width, (row + 1) * this.#width);
  }

  name(row: number): number {
    return this.#names.at(row);
  }

  class(row: number): number {
    return this.#classes.at(row);
  }

  /** Undefined for any size. */
  size(row: number): number | undefined {
    const stored = this.#sizes.at(row);
    return stored === 0 ? undefined : stored - 1;
  }

  /** The rows [from, to) whose hashes begin with `key`, which has 4 bytes up to a whole hash. */
  range(key: Uint8Array): readonly [from: number, to: number] {
    const from = this.#bound(key, 0);
    return this.count > from && this.#compare(from, prefixNumber(key), key) === 0 ? [from, this.#bound(key, 1)] : [from, from];
  }

  /** The first row that compares to the key as at least `least`: 0 for the first that fits, 1 for the first beyond. */
  #bound(key: Uint8Array, least: 0 | 1): number {
    const prefix = prefixNumber(key);
    let low = this.#starts === undefined ? 0 : this.#starts[prefix >>> 16]!;
    let high = this.#starts === undefined ? this.count : this.#starts[(prefix >>> 16) + 1]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(middle, prefix, key) < least) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Negative, 0 or positive as the row's hash, cut to the length of the key, is below, at or above the key. */
  #compare(row: number, prefix: number, key: Uint8Array): number {
    const at = row * this.#width;
    const difference = this.#view.getUint32(at) - prefix;
    if (difference !== 0) {
      return difference;
    }
    for (let i = 4; i < key.length; i++) {
      if (this.#hashes[at + i] !== key[i]) {
        return this.#hashes[at + i]! - key[i]!;
      }
    }
    return 0;
  }

  #assertRows(targets: RowTargets): void {
    for (let row = 0; row < this.count; row++) {
      const at = row * this.#width;
      if (row > 0 && this.#compare(row - 1, this.#view.getUint32(at), this.#hashes.subarray(at, at + this.#width)) > 0) {
        throw refused('malformed', 'hash table: the hashes are not sorted', { row });
      }
      if (this.#names.at(row) >= targets.names || this.#classes.at(row) >= targets.classes) {
        throw refused('malformed', 'hash table: a row points to a name or class that is not there', { row });
      }
      if (this.#sizes.at(row) > 2 ** 53) {
        throw refused('malformed', 'hash table: a size over 2^53 - 1', { row });
      }
    }
  }

  #index(): Uint32Array {
    const starts = new Uint32Array(65_537);
    for (let row = 0; row < this.count; row++) {
      starts[this.#view.getUint16(row * this.#width) + 1]!++;
    }
    for (let i = 1; i < starts.length; i++) {
      starts[i]! += starts[i - 1]!;
    }
    return starts;
  }
}
