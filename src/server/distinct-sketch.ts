/**
 * How many different ones there were, in one kilobyte and without keeping any of them: HyperLogLog with linear counting for
 * small numbers (Flajolet, Fusy, Gandouet, Meunier 2007). Sketches of several processes are merged by their maxima.
 */

/** Registers of a sketch: a standard error of 3 %. */
export const sketchRegisters = 1024;
const indexBits = 10;

/** Adds one, given 32 bits of a good hash of it. */
export function sketchInto(registers: Uint8Array, hash: number): void {
  const index = hash >>> (32 - indexBits);
  const rank = Math.clz32((hash << indexBits) | (1 << (indexBits - 1))) + 1;
  registers[index] = Math.max(registers[index]!, rank);
}

/** The sketch of all that the others saw. */
export function mergeSketches(all: readonly (readonly number[])[]): number[] {
  return Array.from({ length: sketchRegisters }, (_, i) => all.reduce((max, one) => Math.max(max, one[i] ?? 0), 0));
}

/** The estimate, whole. */
export function sketchedCount(registers: readonly number[]): number {
  const m = registers.length;
  const harmonic = registers.reduce((sum, rank) => sum + 2 ** -rank, 0);
  const estimate = ((0.7213 / (1 + 1.079 / m)) * m * m) / harmonic;
  const empty = registers.filter((rank) => rank === 0).length;
  return Math.round(estimate <= 2.5 * m && empty > 0 ? m * Math.log(m / empty) : estimate);
}
