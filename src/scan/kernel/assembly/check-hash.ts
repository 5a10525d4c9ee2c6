/** The check of sixteen bytes. */
import { checkFold, checkMultiplier0, checkMultiplier1, checkMultiplier2, checkMultiplier3 } from '../abi';

// @ts-ignore: decorator
@inline
export function hashOf16(at: usize): u32 {
  return (load<u32>(at) | checkFold) * checkMultiplier0 + (load<u32>(at, 4) | checkFold) * checkMultiplier1 +
    (load<u32>(at, 8) | checkFold) * checkMultiplier2 + (load<u32>(at, 12) | checkFold) * checkMultiplier3;
}
