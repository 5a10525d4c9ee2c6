/** The size field of ClamAV's hash signatures: a number of bytes, or `*` for any. */
import { parseSize } from './hash-text.js';

/** "Any size" came with this level: a signature that uses it has to say so, or it is malformed. */
const anySizeLevel = 73;

/** clamscan keeps sizes in 32 bits, the last one of which it refuses. */
const maxSize = 0xffff_fffe;

/** A size, none for any size, or what is wrong with it. */
export interface ParsedSize {
  readonly bytes?: number;
  readonly fault?: string;
}

/** Reads a size; `minLevel` is the functionality level that "any size" is checked against, undefined where it needs none. */
export function readSize(text: string, minLevel: string | undefined): ParsedSize {
  const field = text.trimStart();
  if (field === '*') {
    return minLevel === undefined || Number(minLevel) >= anySizeLevel
      ? {}
      : { fault: `size "*" needs a functionality level of ${anySizeLevel} or higher` };
  }
  const bytes = parseSize(field);
  return bytes === undefined || bytes === 0 || bytes > maxSize
    ? { fault: `the size is neither a number of bytes (up to ${maxSize}) nor "*"` }
    : { bytes };
}
