/**
 * Which anchors sleep and which are awake in one pass: the first anchors of bodies that are found already sleep, those
 * of later segments wake when the segment before was found. The search's own state belongs to one pass at a time;
 * passes that run interleaved take it over from one another.
 */
import { laneCount } from '../kernel/abi.js';
import type { CellSearch } from '../kernel/cell-search.js';
import type { Program } from '../program.js';

/** The marks of one pass. */
export class PassMarks {
  readonly #owner: MarkOwner;
  readonly #search: CellSearch;
  readonly #marked = new Set<number>();
  readonly #lanes: boolean[];
  #fresh = new Set<number>();

  constructor(search: CellSearch, owner: MarkOwner) {
    this.#search = search;
    this.#owner = owner;
    this.#lanes = Array.from({ length: laneCount }, (_, lane) => search.lanes[lane]!.awake);
  }

  /** Makes the search's state that of this pass. */
  enter(): void {
    if (this.#owner.current !== this) {
      this.#owner.current?.leave();
      this.#owner.current = this;
      this.#marked.forEach((anchor) => (this.#search.state[anchor] = 1));
    }
  }

  /** Lets go of the search's state, where it has it: the marks of another pass are that one's to take away. */
  leave(): void {
    if (this.#owner.current !== this) {
      return;
    }
    this.#marked.forEach((anchor) => (this.#search.state[anchor] = 0));
    this.#owner.current = undefined;
  }

  /** True when the lane has anchors that are awake. */
  isLaneAwake(lane: number): boolean {
    return this.#lanes[lane]!;
  }

  /** Wakes an anchor of a segment that may follow now. */
  wake(anchor: number, lane: number): void {
    if (!this.#marked.has(anchor)) {
      this.#marked.add(anchor);
      this.#fresh.add(anchor);
      this.#search.state[anchor] = 1;
      if (lane < laneCount) {
        this.#lanes[lane] = true;
      }
    }
  }

  /** Puts the anchor of a body that is found to sleep. */
  sleep(anchor: number, isFirst: boolean): void {
    if (isFirst) {
      this.#marked.add(anchor);
    } else {
      this.#marked.delete(anchor);
    }
    this.#search.state[anchor] = isFirst ? 1 : 0;
  }

  /** The anchors that woke since the last call. */
  takeFresh(): ReadonlySet<number> {
    const fresh = this.#fresh;
    if (fresh.size > 0) {
      this.#fresh = new Set();
    }
    return fresh;
  }
}

/** Whose marks the state of a search shows. */
export interface MarkOwner {
  current: PassMarks | undefined;
}

/** The marks of a new pass of the program. */
export function marksOf(program: Program): PassMarks {
  return new PassMarks(program.parts.search, program.marks);
}

/** Wakes the anchors of a segment. */
export function wake(program: Program, marks: PassMarks, segment: number): void {
  program.anchorsOf(segment).forEach(({ anchor, lane }) => marks.wake(anchor, lane));
}
