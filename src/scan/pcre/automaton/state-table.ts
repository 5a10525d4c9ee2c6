/** The states of a lazily built automaton: for each its threads in order of preference, and a row of transitions. */

/** A transition that was not worked out yet. */
export const unknownTransition = 0x40000000;
/** Set in a transition before whose byte a match ends. */
export const endedFlag = 0x20000000;
/** Set in a transition to a state that only waits for a match to begin. */
export const restFlag = 0x10000000;
/** Set in a transition to the dead state. */
export const deadFlag = 0x08000000;
/** Transitions up to here are plain: the offset of the next state's row. */
export const greatestOffset = 0x07ffffff;
/** The row of the state from which no match can come any more. */
export const deadOffset = 0;

/** A state: program states by preference, the neighbour behind, and whether a match may still begin. */
export interface StateKey {
  readonly threads: Int32Array;
  readonly behind: number;
  readonly searching: boolean;
}

/** States that are equal are one. */
export class StateTable {
  readonly #width: number;
  readonly #maxBytes: number;
  #rows = new Int32Array(0);
  #states: StateKey[] = [];
  #byHash = new Map<number, number[]>();
  #threadBytes = 0;

  constructor(width: number, maxBytes: number) {
    this.#width = width;
    this.#maxBytes = maxBytes;
    this.clear();
  }

  /** The transitions: row offset plus class. Replaced when it grows: read it anew after every `offsetOf` and `clear`. */
  get rows(): Int32Array {
    return this.#rows;
  }

  /** About the memory that is held. */
  get bytes(): number {
    return this.#rows.byteLength + this.#threadBytes;
  }

  get full(): boolean {
    return this.#states.length * this.#width * 4 + this.#threadBytes > this.#maxBytes;
  }

  /** Forgets all states but the dead one. */
  clear(): void {
    this.#rows = new Int32Array(this.#width * 4).fill(unknownTransition);
    this.#states = [];
    this.#byHash = new Map();
    this.#threadBytes = 0;
    this.offsetOf({ threads: new Int32Array(0), behind: 0, searching: false });
  }

  stateAt(offset: number): StateKey {
    return this.#states[offset / this.#width]!;
  }

  /** The row of the state, a new one where it was not there. The threads are kept. */
  offsetOf(key: StateKey): number {
    const hash = hashOf(key);
    const same = this.#byHash.get(hash) ?? [];
    const known = same.find((offset) => equalKeys(this.stateAt(offset), key));
    if (known !== undefined) {
      return known;
    }
    const offset = this.#states.length * this.#width;
    this.#states.push(key);
    this.#byHash.set(hash, [...same, offset]);
    this.#threadBytes += key.threads.byteLength + 200;
    this.#grow(offset + this.#width);
    return offset;
  }

  #grow(cells: number): void {
    if (cells <= this.#rows.length) {
      return;
    }
    const rows = new Int32Array(this.#rows.length * 2).fill(unknownTransition);
    rows.set(this.#rows);
    this.#rows = rows;
  }
}

function hashOf({ threads, behind, searching }: StateKey): number {
  let hash = behind * 2 + (searching ? 1 : 0);
  for (const thread of threads) {
    hash = Math.imul(hash ^ thread, 0x01000193) ^ (hash >>> 15);
  }
  return hash;
}

function equalKeys(a: StateKey, b: StateKey): boolean {
  if (a.behind !== b.behind || a.searching !== b.searching || a.threads.length !== b.threads.length) {
    return false;
  }
  return a.threads.every((thread, index) => thread === b.threads[index]);
}
