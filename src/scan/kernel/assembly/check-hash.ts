/** The check of more than four bytes. */
import { checkFold, checkMultiplier } from '../abi';

/** The hash of `form + 1` words. */
// @ts-ignore: decorator
@inline
export function checkHash(at: usize, form: u32): u32 {
  const end = at + <usize>(form << 2);
  let sum: u32 = 0;
  for (; at <= end; at += 4) sum = (sum + (load<u32>(at) | checkFold)) * checkMultiplier;
  return sum;
}
