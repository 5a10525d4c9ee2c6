/**
 * What a haystack really holds: for every literal where it first ends. This is what scan engines are checked against,
 * so it shares nothing with any of them: four bytes are looked up at every position, and what begins with them is
 * compared byte by byte.
 */

const mapBits = 20;

/**
 * For each literal the offset behind its first occurrence, or Infinity.
 * @throws RangeError for a literal of fewer than 4 bytes.
 */
export function firstEnds(literals: readonly Uint8Array[], haystack: Uint8Array): number[] {
  const byStart = groupByStart(literals);
  const mayBegin = new Uint8Array(2 ** mapBits);
  for (const start of byStart.keys()) {
    mayBegin[slotOf(start)] = 1;
  }
  const ends = literals.map(() => Number.POSITIVE_INFINITY);
  // The last four bytes, the newest one highest: the literal's first four in little-endian order.
  let window = 0;
  for (let end = 1; end <= haystack.length; end++) {
    window = (window >>> 8) | (haystack[end - 1]! << 24);
    if (end < 4 || mayBegin[slotOf(window)] === 0) {
      continue;
    }
    for (const index of byStart.get(window) ?? []) {
      const literal = literals[index]!;
      if (ends[index] === Number.POSITIVE_INFINITY && standsAt(literal, haystack, end - 4)) {
        ends[index] = end - 4 + literal.length;
      }
    }
  }
  return ends;
}

function groupByStart(literals: readonly Uint8Array[]): Map<number, number[]> {
  const byStart = new Map<number, number[]>();
  literals.forEach((literal, index) => {
    if (literal.length < 4) {
      throw new RangeError(`literal ${index} has fewer than 4 bytes`);
    }
    const start = literal[0]! | (literal[1]! << 8) | (literal[2]! << 16) | (literal[3]! << 24);
    byStart.set(start, [...(byStart.get(start) ?? []), index]);
  });
  return byStart;
}

function slotOf(window: number): number {
  return Math.imul(window, 0x9e3779b1) >>> (32 - mapBits);
}

function standsAt(literal: Uint8Array, haystack: Uint8Array, at: number): boolean {
  if (at + literal.length > haystack.length) {
    return false;
  }
  for (let i = 0; i < literal.length; i++) {
    if (haystack[at + i] !== literal[i]) {
      return false;
    }
  }
  return true;
}
