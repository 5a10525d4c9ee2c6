/** What kernel and twin do over one memory of the map in abi.ts. */

/** The code over one memory. Lanes have their parameters before any of it is called. */
export interface SearchCode {
  /** Search the loaded cell for a lane, beginnings in its first `size` bytes. @returns hits (positions, for pairs), -1 for a flood. */
  search0(size: number): number;
  search1(size: number): number;
  search2(size: number): number;
  search3(size: number): number;
  /** The first position from `from` on, before `size`, of a key of so many bytes, folded as the cell's are; -1 for none. */
  seek(from: number, size: number, low: number, high: number, bytes: number, fold: number): number;
  /** Enters the keys of `count` rows at an address into the lane's bit maps. */
  fill(lane: number, rows: number, count: number): void;
  /** Counts `count` rows at an address, each at its bucket. */
  tally(lane: number, rows: number, count: number): void;
  /** Makes of the counts where buckets end. */
  sum(lane: number): void;
  /** Puts rows into the table, the last one first; when all are there, the words of the buckets say where they begin. */
  place(lane: number, rows: number, count: number): void;
}
