/** Rows into a lane's table: counted by bucket, then put where their bucket ends, the last one first. */
import { bucketMultiplierHigh, bucketMultiplierLow, paramBucketShift, paramBytes, paramRows, paramStarts, paramsAt, rowBytes } from '../abi';

// @ts-ignore: decorator
@inline
function param(lane: i32, word: i32): u32 {
  return load<u32>(<usize>(paramsAt + lane * paramBytes + word));
}

/** Address of the word of a row's bucket. */
// @ts-ignore: decorator
@inline
function bucketAt(row: usize, starts: usize, shift: u32): usize {
  return starts + (<usize>((load<u32>(row) * bucketMultiplierLow + load<u32>(row, 4) * bucketMultiplierHigh) >>> shift) << 2);
}

/** Counts `count` rows at `rows`, each at its bucket. */
export function tally(lane: i32, rows: usize, count: u32): void {
  const starts = <usize>param(lane, paramStarts), shift = param(lane, paramBucketShift);
  for (let i: u32 = 0; i < count; i++) {
    const at = bucketAt(rows + <usize>i * rowBytes, starts, shift);
    store<u32>(at, load<u32>(at) + 1);
  }
}

/** Makes ends of buckets of the counts; one word follows the buckets. */
export function sum(lane: i32): void {
  const starts = <usize>param(lane, paramStarts), buckets: u32 = 1 << (32 - param(lane, paramBucketShift));
  let all: u32 = 0;
  for (let bucket: u32 = 0; bucket <= buckets; bucket++) {
    all += load<u32>(starts + (<usize>bucket << 2));
    store<u32>(starts + (<usize>bucket << 2), all);
  }
}

/** Puts rows, of which all that follow were put before, into the table: the words of buckets become where they start. */
export function place(lane: i32, rows: usize, count: u32): void {
  const starts = <usize>param(lane, paramStarts), shift = param(lane, paramBucketShift), to = <usize>param(lane, paramRows);
  for (let i: u32 = count; i > 0; i--) {
    const row = rows + <usize>(i - 1) * rowBytes;
    const at = bucketAt(row, starts, shift);
    const end = load<u32>(at) - 1;
    store<u32>(at, end);
    const out = to + <usize>end * rowBytes;
    store<u64>(out, load<u64>(row));
    store<u64>(out, load<u64>(row, 8), 8);
  }
}
