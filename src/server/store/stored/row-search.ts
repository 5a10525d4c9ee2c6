/**
 * The rows under all prefixes of a batch. What takes time is to fetch memory, a cache line of the filter, the index and the
 * rows each; a processor fetches many lines at once as long as no branch has to be guessed in between. So the batch is gone
 * through several times, each time for one thing: first only to read where something lies, then to decide.
 */
import { VedetteError } from '../../../base/errors.js';
import { filterTouch, mayHoldAt, positionInFilter } from '../prefix-filter.js';
import { bucketOf, indexEntry } from '../prefix-index.js';
import { partShift, rowsPerPart } from '../row-layout.js';
import type { StoredRows } from './stored-rows.js';

/** In the place of a row: nothing is listed under the prefix. */
export const noRow = 0xffff_ffff;
/** In the place of a row: several are. */
export const severalRows = 0xffff_fffe;

/** So many of a batch are asked of the filter first; where most of them pass, the others go without it. */
const asked = 16;
const mostOfThem = 12;
/** Beyond this many rows in a bucket their pages are compared one by one, as they are met. */
export const wideBucket = 256;
const partMask = rowsPerPart - 1;

/** Searches the rows of a group, one batch at a time. */
export class RowSearch {
  readonly #rows: StoredRows;
  /** Of the batch: places of the prefixes that may be listed. */
  #places = new Uint32Array(0);
  /** Of each of these: the bounds of its bucket, where it would lie in there, and the prefix that lies there. */
  #lows = new Uint32Array(0);
  #highs = new Uint32Array(0);
  #guesses = new Uint32Array(0);
  #read = new Uint32Array(0);

  constructor(rows: StoredRows) {
    this.#rows = rows;
  }

  /**
   * Puts the row under each of the first `count` prefixes into `found`, or `noRow` or `severalRows`.
   * @throws VedetteError `store-damaged`.
   */
  find(prefixes: Uint32Array, count: number, found: Uint32Array): void {
    this.#reserve(count);
    found.fill(noRow, 0, count);
    const candidates = this.#rows.count === 0 ? 0 : this.#filter(prefixes, count);
    this.#locate(prefixes, candidates);
    this.#peek(candidates);
    this.#decide(prefixes, candidates, found);
  }

  #reserve(count: number): void {
    if (count > this.#places.length) {
      const room = Math.max(128, 2 * count);
      this.#places = new Uint32Array(room);
      this.#lows = new Uint32Array(room);
      this.#highs = new Uint32Array(room);
      this.#guesses = new Uint32Array(room);
      this.#read = new Uint32Array(room);
    }
  }

  /** Places of what may be there; how many there are. */
  #filter(prefixes: Uint32Array, count: number): number {
    const first = Math.min(asked, count);
    const passed = this.#filterFrom(prefixes, { from: 0, to: first, candidates: 0 });
    if (passed < mostOfThem) {
      return this.#filterFrom(prefixes, { from: first, to: count, candidates: passed });
    }
    for (let i = first; i < count; i++) {
      this.#places[passed + i - first] = i;
    }
    return passed + count - first;
  }

  #filterFrom(prefixes: Uint32Array, { from, to, candidates }: { readonly from: number; readonly to: number; readonly candidates: number }): number {
    const { filter, filterBlocks } = this.#rows.parts;
    for (let i = from; i < to; i++) {
      this.#read[i] = filterTouch(filter, positionInFilter(prefixes[i]!, filterBlocks));
    }
    let next = candidates;
    for (let i = from; i < to; i++) {
      if (mayHoldAt(filter, positionInFilter(prefixes[i]!, filterBlocks), prefixes[i]!)) {
        this.#places[next++] = i;
      }
    }
    return next;
  }

  /**
   * Buckets, and where a prefix would be if the rows of its bucket lay evenly: hashes nearly do, so that the first row that is
   * looked at or one beside it is the right one.
   */
  #locate(prefixes: Uint32Array, candidates: number): void {
    const { parts, run, layout } = this.#rows;
    const { index, indexBits, count } = parts;
    for (let k = 0; k < candidates; k++) {
      const prefix = prefixes[this.#places[k]!]!;
      const bucket = bucketOf(prefix, indexBits);
      const low = indexEntry(index, bucket);
      const high = indexEntry(index, bucket + 1);
      if (low > high || high > count) {
        throw new VedetteError('store-damaged', 'server store: its index points nowhere; import the server pattern again');
      }
      if (low < high && high - low <= wideBucket) {
        run.touch(low * layout.rowBytes, high * layout.rowBytes);
      }
      this.#lows[k] = low;
      this.#highs[k] = high;
      // A shift by 32 would be one by 0, which is meant here where there is one bucket alone.
      this.#guesses[k] = low + Math.floor((((prefix << indexBits) >>> 0) / 4_294_967_296) * (high - low));
    }
  }

  /** Only reads. */
  #peek(candidates: number): void {
    const { views, layout } = this.#rows;
    for (let k = 0; k < candidates; k++) {
      const low = this.#lows[k]!;
      const width = this.#highs[k]! - low;
      if (width !== 0 && width <= wideBucket) {
        const guess = this.#guesses[k]!;
        this.#read[k] = views[guess >>> partShift]!.getUint32((guess & partMask) * layout.rowBytes);
      }
    }
  }

  #decide(prefixes: Uint32Array, candidates: number, found: Uint32Array): void {
    for (let k = 0; k < candidates; k++) {
      const place = this.#places[k]!;
      const width = this.#highs[k]! - this.#lows[k]!;
      if (width !== 0) {
        const prefix = prefixes[place]!;
        found[place] = this.#counted(width <= wideBucket ? this.#nearest(k, prefix) : this.#rows.lowerBound(prefix), prefix);
      }
    }
  }

  /** The first row of the bucket that is not below the prefix, from the guess on. */
  #nearest(k: number, prefix: number): number {
    const rows = this.#rows;
    const low = this.#lows[k]!;
    const high = this.#highs[k]!;
    let row = this.#guesses[k]!;
    if (this.#read[k]! < prefix) {
      do {
        row++;
      } while (row < high && rows.peek(row) < prefix);
      return row;
    }
    while (row > low && rows.peek(row - 1) >= prefix) {
      row--;
    }
    return row;
  }

  /** The row, where it is the prefix's and the only one. */
  #counted(row: number, prefix: number): number {
    const rows = this.#rows;
    if (row >= rows.count || rows.prefixAt(row) !== prefix) {
      return noRow;
    }
    return row + 1 < rows.count && rows.prefixAt(row + 1) === prefix ? severalRows : row;
  }
}
