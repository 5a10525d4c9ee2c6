/**
 * How rare each byte is in ordinary files: half program text, half ELF files, smoothed. Static on purpose: an anchor
 * chosen by it is good enough for the TypeScript matcher; a histogram of longer windows is the kernel's business.
 */

/** One hex digit per byte value, 0 common to f rare: about 1.4 · -log2(share) - 1. */
const digits =
  '39abbbcca98dcca9bdcddddebeeedeeb4cad9ccb99bc999aa9bccccdbbbad9cc' +
  'b9bbaacc7addabbcbdcaacdddddbbbd9c7a8868997cb89778d7768bbaadacaee' +
  'cdeabaddd9e9daeeceeeeeeedeeeeeeedeeeeeeedeeeeeeedeeeeededddeeecd' +
  'acdccddcddeeeeeecddeeeeedeedeeedcedeeeddabdddddcdeddeeddcdddcdb7';

/** Rarity by byte, 0 (common) to 15 (rare), on a scale of logarithms: rarities of neighbouring bytes add up. */
export function byteRarities(): Uint8Array {
  return Uint8Array.from(digits, (digit) => Number.parseInt(digit, 16));
}

/** The share of all bytes that these values have together, 0 to about 1. */
export function shareOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + 2 ** (-(Number.parseInt(digits[value]!, 16) + 1) / 1.4), 0);
}
