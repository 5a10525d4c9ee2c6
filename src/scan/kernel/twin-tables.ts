/** The twin's side of laying out tables: rows into a lane's table, by bucket. */
import { bucketOf } from '../search/lane-rows.js';
import { paramBucketShift, paramBytes, paramRows, paramStarts, paramsAt, rowBytes } from './abi.js';

interface RowList {
  /** Address of the first row. */
  readonly rows: number;
  readonly count: number;
}

/** Counts rows at their buckets. */
export function tally(i32: Int32Array, lane: number, { rows, count }: RowList): void {
  const { starts, shift } = paramsOf(i32, lane);
  for (let row = rows >> 2; row < (rows + count * rowBytes) >> 2; row += 4) {
    const at = starts + bucketOf(i32[row]!, i32[row + 1]!, shift);
    i32[at] = i32[at]! + 1;
  }
}

/** Makes of the counts where buckets end. */
export function sum(i32: Int32Array, lane: number): void {
  const { starts, shift } = paramsOf(i32, lane);
  let all = 0;
  for (let at = starts; at <= starts + 2 ** (32 - shift); at++) {
    all += i32[at]!;
    i32[at] = all;
  }
}

/** Puts rows into the table, the last one first. */
export function place(i32: Int32Array, lane: number, { rows, count }: RowList): void {
  const { starts, shift, table } = paramsOf(i32, lane);
  for (let row = (rows + (count - 1) * rowBytes) >> 2; row >= rows >> 2; row -= 4) {
    const at = starts + bucketOf(i32[row]!, i32[row + 1]!, shift);
    const end = i32[at]! - 1;
    i32[at] = end;
    const out = table + 4 * end;
    i32[out] = i32[row]!;
    i32[out + 1] = i32[row + 1]!;
    i32[out + 2] = i32[row + 2]!;
    i32[out + 3] = i32[row + 3]!;
  }
}

function paramsOf(i32: Int32Array, lane: number): { readonly starts: number; readonly shift: number; readonly table: number } {
  const param = (word: number): number => i32[(paramsAt + lane * paramBytes + word) >> 2]!;
  return { starts: param(paramStarts) >> 2, shift: param(paramBucketShift), table: param(paramRows) >> 2 };
}
