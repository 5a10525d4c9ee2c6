/**
 * Which section of several an address lies in, the last one where they overlap. Headers may state thousands of sections
 * and ask about a hundred thousand addresses: a question costs a logarithm, not all sections.
 */

/** A range of addresses. */
interface Range {
  readonly virtualAddress: number;
  readonly rawSize: number;
}

/** Answers for one list of sections. */
export class AddressMap<T extends Range> {
  /** Borders of ranges, ascending, and by border the section that holds the addresses from there to the next one. */
  readonly #borders: Float64Array;
  readonly #owners: (T | undefined)[];

  constructor(sections: readonly T[]) {
    const borders = new Set(sections.flatMap(({ virtualAddress, rawSize }) => [virtualAddress, virtualAddress + rawSize]));
    this.#borders = Float64Array.from(borders).sort();
    this.#owners = new Array<T | undefined>(borders.size).fill(undefined);
    // By border: the next one that nobody has. The last section comes first, and what it has stays its own.
    const free = Uint32Array.from({ length: borders.size + 1 }, (_, i) => i);
    for (const section of [...sections].reverse()) {
      const end = this.#last(section.virtualAddress + section.rawSize);
      for (let at = nextFree(free, this.#last(section.virtualAddress)); at < end; at = nextFree(free, at)) {
        this.#owners[at] = section;
        free[at] = at + 1;
      }
    }
  }

  /** The section; undefined for an address in none. */
  find(address: number): T | undefined {
    const at = this.#last(address);
    return at < 0 ? undefined : this.#owners[at];
  }

  /** Index of the last border that is not above the address; -1 for none. */
  #last(address: number): number {
    let low = 0;
    let high = this.#borders.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#borders[middle]! <= address) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }
}

/** Follows the chain from `at` and makes it shorter for the next one. */
function nextFree(free: Uint32Array, at: number): number {
  let next = at;
  while (free[next] !== next) {
    free[next] = free[free[next]!]!;
    next = free[next]!;
  }
  return next;
}
