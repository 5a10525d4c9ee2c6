/** Where one key stands: for anchors that wake in the middle of a cell, which costs less than searching it again. */
import { cellAt } from '../abi';

/** The first position from `from` on, before `size`, where `bytes` bytes (4 to 8) of the cell are the key. @returns -1 for none. */
export function seek(from: u32, size: u32, low: u32, high: u32, bytes: u32, fold: u32): i32 {
  const key = <u64>low | (<u64>high << 32);
  const mask = bytes == 8 ? ~(<u64>0) : ((<u64>1 << <u64>(8 * bytes)) - 1);
  const fold64 = <u64>fold | (<u64>fold << 32);
  const folds = i32x4.splat(fold);
  const first = i8x16.splat(<i8>low), second = i8x16.splat(<i8>(low >>> 8));
  for (let at = from; at < size; at += 16) {
    const near = <usize>(cellAt + at);
    const both = v128.and(i8x16.eq(v128.or(v128.load(near), folds), first), i8x16.eq(v128.or(v128.load(near, 1), folds), second));
    for (let bits = <u32>i8x16.bitmask(both); bits != 0; bits &= bits - 1) {
      const position = at + ctz<u32>(bits);
      if (position < size && ((load<u64>(<usize>(cellAt + position)) | fold64) & mask) == key) return <i32>position;
    }
  }
  return -1;
}
