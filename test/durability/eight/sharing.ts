/** What several processes on one directory said, and what is wrong with it. */

/** The time in which one process had the queue, in ns of the machine's monotonic clock. */
export interface Holding {
  readonly pid: number;
  readonly from: bigint;
  /** When it was last heard of. */
  to: bigint;
}

export class Sharing {
  readonly holdings: Holding[] = [];
  readonly #tried = new Set<string>();
  readonly #acknowledged = new Set<string>();
  readonly #settling = new Set<string>();
  readonly #settled: string[] = [];

  hear(pid: number, line: string): void {
    const [letter = '', what = ''] = line.split(' ');
    if (letter === 'O') {
      this.holdings.push({ pid, from: BigInt(what), to: BigInt(what) });
    } else if (letter === 'C') {
      this.#stretch(pid, BigInt(what));
    } else if (letter === 'T') {
      this.#tried.add(what);
      this.#stretch(pid, BigInt(what.split('/').at(-1) ?? 0));
    } else if (letter === 'A') {
      this.#acknowledged.add(what);
    } else if (letter === 'S') {
      this.#settling.add(what);
    } else if (letter === 'D') {
      this.#settled.push(what);
    }
  }

  /** What is wrong with the items that are open in the end; empty when nothing is. */
  faults(open: readonly string[]): string[] {
    const there = new Set(open);
    const settled = new Set(this.#settled);
    return [
      ...[...this.#acknowledged].filter((place) => !this.#settling.has(place) && !there.has(place)).map((place) => `lost: ${place}`),
      ...open.filter((place) => !this.#tried.has(place)).map((place) => `never asked for: ${place}`),
      ...open.filter((place, at) => open.indexOf(place) !== at).map((place) => `there twice: ${place}`),
      ...open.filter((place) => settled.has(place)).map((place) => `came back: ${place}`),
      ...this.#settled.filter((place, at) => this.#settled.indexOf(place) !== at).map((place) => `settled twice: ${place}`),
      ...this.#overlaps(),
    ];
  }

  #stretch(pid: number, to: bigint): void {
    const holding = this.holdings.findLast((one) => one.pid === pid);
    if (holding !== undefined && to > holding.to) {
      holding.to = to;
    }
  }

  #overlaps(): string[] {
    const inOrder = [...this.holdings].sort((a, b) => Number(a.from - b.from));
    return inOrder.flatMap((one, at) => {
      const next = inOrder[at + 1];
      return next !== undefined && next.from < one.to ? [`held by ${one.pid} and ${next.pid} at a time`] : [];
    });
  }
}
